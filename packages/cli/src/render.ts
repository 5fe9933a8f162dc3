import type { CostReport, Roofline } from "@opcounter/counters";
import { type Graph, namesToChoose, OpcounterError, type SourceLine } from "@opcounter/ir/core";
import type { ExecutedReport } from "./executed/report.ts";
import type { Found, OutputFormat, PrintOption } from "./render/output-format.ts";
import type { RowTableOptions } from "./render/row-table.ts";

/** What `render` prints, and how. The defaults are those of the command line. */
export interface RenderOptions extends Partial<Omit<RowTableOptions, "lines">> {
  /** The lines that called the ops, for rows by line: `linesOf(graph)`. */
  readonly lines?: ReadonlyMap<number, SourceLine> | undefined;
  /** `table`, `md`, `csv`, `latex`, `json`, `html`, `dot`, `mermaid`, `trace`, `speedscope`, … */
  readonly format?: string;
  /** What the report is about: for `html`, drawings and timelines. */
  readonly graph?: Graph;
  /** More reports on the graph, one per convention: a page of `html` switches between them. */
  readonly others?: readonly CostReport[];
  /** Times that are predicted for a device; see `rooflineOf`. */
  readonly roofline?: Roofline;
  /** What the shaders execute; see `executed`. */
  readonly executed?: ExecutedReport;
  /** The most characters in a line of a table, which then has bars; any number if this is left out. */
  readonly width?: number;
}

/**
 * A report as `opcounter profile --format` prints it. The page of `html` is loaded where it is asked
 * for: 250 kB that no other format needs.
 *
 * @throws OpcounterError where there is no such format or row, it needs a graph or times that are not
 *   given, or has no place for an option.
 */
export async function render(report: CostReport, options: RenderOptions = {}): Promise<string> {
  const { format = "table", width = Number.POSITIVE_INFINITY, roofline } = options;
  const { by = "scope", depth = 2, top, sort, verbose = false } = options;
  const { columns, units = "short" } = options;
  const [
    { PORTABLE_FORMATS },
    { checkTaken },
    { NO_PAINT },
    { checkSort },
    { printable },
    { GROUPINGS },
    { checkRowOptions },
  ] = await Promise.all([
    import("./render/portable-formats.ts"),
    import("./render/taken-options.ts"),
    import("./render/lines.ts"),
    import("./render/figures.ts"),
    import("./render/visible.ts"),
    import("./render/rows.ts"),
    import("./render/row-options.ts"),
  ]);
  const formats = new Map<string, OutputFormat>([
    ...Object.entries(PORTABLE_FORMATS),
    ["html", HTML_FORMAT],
  ]);
  const chosen = formats.get(format);
  if (chosen === undefined) {
    throw new OpcounterError("option-invalid", `There is no format "${format}".`, {
      remedy: namesToChoose(format, formats.keys()),
    });
  }
  checkTaken(format, chosen, printOptionsOf(options));
  checkRowOptions({ by, depth, top, units }, GROUPINGS);
  checkSort(
    sort,
    report.costs.map(({ name }) => name),
  );
  if (by === "line" && options.lines === undefined) {
    throw new OpcounterError("options-conflict", "Rows by line need the lines", {
      remedy: "trace with { lines: true }, and give { lines: linesOf(graph) }",
    });
  }
  const given = (): Graph => {
    if (options.graph !== undefined) return options.graph;
    throw new OpcounterError("options-conflict", `The format ${format} needs the graph`, {
      remedy: "give what the report was counted of: { graph }",
    });
  };
  const found: Found = {
    report,
    get graph() {
      return given();
    },
    get recorded() {
      return given();
    },
    countByOthers: () => options.others ?? [],
    roofline,
    executed: options.executed,
    rows: { by, depth, top, sort, verbose, columns, units, lines: namedLines(options.lines) },
    listsDispatches: false,
  };
  const text = await chosen.report(found, {
    width,
    paint: NO_PAINT,
    bars: Number.isFinite(width) ? "blocks" : "none",
  });
  return printable(text, false);
}

/** Lines as people name them. What is written there only a program with files can read. */
function namedLines(lines: RenderOptions["lines"] = new Map()) {
  return new Map(
    [...lines].map(([op, { file, line }]) => [op, { name: `${file}:${line}`, text: "" }]),
  );
}

/** The options that were given, as a message names them. */
function printOptionsOf(options: RenderOptions): ReadonlyMap<PrintOption, string> {
  const { by, depth, top, sort, columns, units, verbose, executed, roofline } = options;
  const given = { by, depth, top, sort, columns, units, verbose, executed, roofline };
  return new Map(
    PRINTED.filter((name) => given[name] !== undefined).map((name) => [name, `{ ${name} }`]),
  );
}

const PRINTED = [
  ...(["by", "depth", "top", "sort", "columns"] as const),
  ...(["units", "verbose", "executed", "roofline"] as const),
] as const;

/** As the command line's, whose page stands in a file beside it. */
const HTML_FORMAT: OutputFormat = {
  takes: ["by", "verbose", "roofline"],
  report: async (found) => {
    const [{ reportFile }, { script }] = await Promise.all([
      import("./render/report-file.ts"),
      import("@opcounter/report/script"),
    ]);
    return reportFile(found, script);
  },
};

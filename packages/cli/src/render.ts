import type { CostReport, Roofline } from "@opcounter/counters";
import { type Graph, namesToChoose, OpcounterError } from "@opcounter/ir/core";
import type { Found, OutputFormat } from "./render/output-format.ts";
import type { RowTableOptions } from "./render/row-table.ts";

/** What `render` prints, and how. The defaults are those of the command line. */
export interface RenderOptions extends Partial<RowTableOptions> {
  /** `table`, `md`, `csv`, `latex`, `json`, `dot`, `mermaid`, `trace`, `speedscope`, … */
  readonly format?: string;
  /** What the report is about: for drawings and timelines. */
  readonly graph?: Graph;
  /** Times that are predicted for a device; see `rooflineOf`. */
  readonly roofline?: Roofline;
  /** The most characters in a line of a table, which then has bars; any number if this is left out. */
  readonly width?: number;
}

/**
 * A report as `opcounter profile --format` prints it. Its HTML is made by `@opcounter/report`.
 *
 * @throws OpcounterError where there is no such format, or it needs a graph or times that are not
 *   given.
 */
export async function render(report: CostReport, options: RenderOptions = {}): Promise<string> {
  const { format = "table", width = Number.POSITIVE_INFINITY, roofline } = options;
  const { by = "scope", depth = 2, top, sort, verbose = false } = options;
  const { columns, units = "short", lines = new Map() } = options;
  const [{ PORTABLE_FORMATS }, { NO_PAINT }, { checkSort }, { printable }] = await Promise.all([
    import("./render/portable-formats.ts"),
    import("./render/lines.ts"),
    import("./render/figures.ts"),
    import("./render/visible.ts"),
  ]);
  const formats = new Map<string, OutputFormat>(Object.entries(PORTABLE_FORMATS));
  const chosen = formats.get(format);
  if (chosen === undefined) {
    throw new OpcounterError("option-invalid", `There is no format "${format}".`, {
      remedy: namesToChoose(format, formats.keys()),
    });
  }
  checkSort(
    sort,
    report.costs.map(({ name }) => name),
  );
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
    countByOthers: () => [],
    roofline,
    rows: { by, depth, top, sort, verbose, columns, units, lines },
    listsDispatches: false,
  };
  return printable(
    await chosen.report(found, {
      width,
      paint: NO_PAINT,
      bars: Number.isFinite(width) ? "blocks" : "none",
    }),
    false,
  );
}

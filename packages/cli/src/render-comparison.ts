import type { Comparison } from "@opcounter/counters";
import { namesToChoose, OpcounterError } from "@opcounter/ir/core";
import type { ComparisonFormat, ComparisonOptions } from "./render/comparison.ts";

/** How a comparison is printed. The defaults are those of the command line. */
export interface RenderComparisonOptions extends Partial<ComparisonOptions> {
  /** `table`, `md`, `csv`, `latex`, `json` or `html`. */
  readonly format?: string;
  /** The most characters in a line of a table; any number if this is left out. */
  readonly width?: number;
}

/**
 * What differs between two reports, as `opcounter compare --format` prints it.
 *
 * @throws OpcounterError where there is no such format or row.
 */
export async function renderComparison(
  comparison: Comparison,
  options: RenderComparisonOptions = {},
): Promise<string> {
  const { format = "table", width = Number.POSITIVE_INFINITY } = options;
  const { by = "kind", depth = 2, top = 30, units = "short" } = options;
  const [{ PORTABLE_COMPARISON_FORMATS }, { NO_PAINT }, { printable }, { checkRowOptions }] =
    await Promise.all([
      import("./render/comparison.ts"),
      import("./render/lines.ts"),
      import("./render/visible.ts"),
      import("./render/row-options.ts"),
    ]);
  const formats = new Map<string, ComparisonFormat>([
    ...Object.entries(PORTABLE_COMPARISON_FORMATS),
    ["html", html],
  ]);
  const chosen = formats.get(format);
  if (chosen === undefined) {
    throw new OpcounterError("option-invalid", `There is no format "${format}".`, {
      remedy: namesToChoose(format, formats.keys()),
    });
  }
  checkRowOptions({ by, depth, top, units }, ["kind", "op"]);
  const found = { ...comparison, passes: [] };
  const style = { width, paint: NO_PAINT, bars: "none" } as const;
  const text = await chosen(found, { by, depth, top, units }, style);
  return printable(text, false);
}

/** The page is loaded where it is asked for. */
const html: ComparisonFormat = async (found) => {
  const [{ comparisonDocument, reportHtml }, { script }] = await Promise.all([
    import("@opcounter/report"),
    import("@opcounter/report/script"),
  ]);
  return reportHtml(comparisonDocument(found), script);
};

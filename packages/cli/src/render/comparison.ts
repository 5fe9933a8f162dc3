import { type Comparison, reportToJson } from "@opcounter/counters";
import { counted } from "@opcounter/ir";
import {
  type ComparisonFound,
  opKindsTable,
  opsTable,
  scopesTable,
  totalsTable,
} from "./comparison-tables.ts";
import { tableInCsv } from "./csv.ts";
import { type DataTable, tableForTerminal } from "./data-table.ts";
import type { Units } from "./figures.ts";
import { tableInLatex } from "./latex.ts";
import { fold, type Style } from "./lines.ts";
import { markdownText, tableInMarkdown } from "./markdown.ts";
import { withVisibleTexts } from "./visible.ts";

/** Which rows are printed. */
export interface ComparisonOptions {
  /** Whether ops that differ in the same way have one row together, or each its own. */
  readonly by: "kind" | "op";
  /** Scopes that are deeper than this have no row. */
  readonly depth: number;
  /** How many rows of scopes and of ops are shown. */
  readonly top: number;
  /** How totals are written; scopes and ops have three or four digits. */
  readonly units: Units;
}

/** A way to print comparisons. */
export type ComparisonFormat = (
  found: ComparisonFound,
  options: ComparisonOptions,
  style: Style,
) => string | Promise<string>;

/** The formats that need no files: what `renderComparison` prints in a page, too. */
export const PORTABLE_COMPARISON_FORMATS = {
  table: forTerminal,
  md: inMarkdown,
  csv: (found, { units }) => tableInCsv(totalsTable(found, units)),
  latex: (found, { units }) => tableInLatex(totalsTable(found, units)),
  json: (found) => reportToJson(found),
} satisfies Readonly<Record<string, ComparisonFormat>>;

function forTerminal(found: ComparisonFound, options: ComparisonOptions, style: Style): string {
  const { width, paint } = style;
  const visible = withVisibleTexts(found);
  return [
    paint.bold(fold(titleOf(visible), width)),
    ...tables(visible, options, "\n", (table) => tableForTerminal(table, width, paint)),
    fold(equalLine(visible), width),
  ].join("\n\n");
}

function inMarkdown(found: ComparisonFound, options: ComparisonOptions): string {
  const title = `### ${markdownText(titleOf(found))}`;
  return [title, ...tables(found, options, "\n\n", tableInMarkdown), equalLine(found)].join("\n\n");
}

/** The tables that have rows, each with a line that says how many it leaves out. */
function tables(
  found: ComparisonFound,
  { by, depth, top, units }: ComparisonOptions,
  between: string,
  print: <R>(table: DataTable<R>) => string,
): string[] {
  const shown = <R>({ columns, rows }: DataTable<R>, most = rows.length): string[] => {
    if (rows.length === 0) return [];
    const more = rows.length - most;
    const table = print({ columns, rows: rows.slice(0, most) });
    return [more > 0 ? `${table}${between}… ${counted(more, "more row")}` : table];
  };
  return [
    ...shown(totalsTable(found, units)),
    ...shown(scopesTable(found, depth), top),
    ...(by === "op" ? shown(opsTable(found), top) : shown(opKindsTable(found), top)),
  ];
}

/** `resnet50 → resnet101`; of one model, what was done to it. */
function titleOf({ a, b }: Comparison): string {
  const changes = [
    ...(a.passes === b.passes ? [] : [`passes ${a.passes ?? "none"} → ${b.passes ?? "none"}`]),
    ...(a.device === b.device ? [] : [`device ${a.device} → ${b.device}`]),
  ];
  const models = a.model === b.model ? a.model : `${a.model} → ${b.model}`;
  return [models, `convention ${a.convention}`, ...changes].join("  ·  ");
}

/** What the marks mean, and what is equal. */
function equalLine({ equal, totals, ops }: Comparison): string {
  const isEmpty = ops.length === 0 && totals.every(({ a, b }) => a === b);
  const parts = [counted(equal.ops, "op"), counted(equal.scopes, "scope")];
  return isEmpty
    ? `Nothing differs: ${parts.join(" and ")} are equal, and so is every total.`
    : `+ added, − removed, ~ changed. Equal in both: ${parts.join(", ")}.`;
}

import type { CostReport, Roofline } from "@opcounter/counters";
import type { Graph } from "@opcounter/ir";
import type { ExecutedReport } from "../executed/report.ts";
import type { Style } from "./lines.ts";
import type { RowTableOptions } from "./row-table.ts";
import type { SymbolicReport } from "./symbolic-report.ts";

/** What `profile` found, and which rows to print. */
export interface Found {
  readonly report: CostReport;
  /** What the report is about, and what was recorded before any pass. */
  readonly graph: Graph;
  readonly recorded: Graph;
  /** What every other convention counts of the graph. */
  readonly countByOthers: () => readonly CostReport[];
  /** Undefined unless `--roofline` or `--device-spec` is given. */
  readonly roofline: Roofline | undefined;
  /** Undefined unless `--executed` is given. */
  readonly executed: ExecutedReport | undefined;
  readonly rows: RowTableOptions;
  /** Whether every dispatch is listed. */
  readonly listsDispatches: boolean;
}

/** Options of `profile` and `render` that say what is printed of a report. */
export const PRINT_OPTIONS = [
  "by",
  "depth",
  "top",
  "sort",
  "columns",
  "units",
  "verbose",
  "dispatches",
  "executed",
  "roofline",
] as const;
export type PrintOption = (typeof PRINT_OPTIONS)[number];

/** A way to print reports. */
export interface OutputFormat {
  /** The options that it heeds, or whose rows it has in any case. Any other is refused. */
  readonly takes: readonly PrintOption[];
  readonly report: (found: Found, style: Style) => string | Promise<string>;
  /** Absent where the format has no way to show formulas. */
  readonly symbolic?: (report: SymbolicReport, style: Style) => string;
  /** One row for each of several models. Absent where the format is of one model. */
  readonly models?: (reports: readonly CostReport[], style: Style) => string;
}

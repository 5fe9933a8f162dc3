import type { CostReport, Roofline } from "@opcounter/counters";
import type { Graph } from "@opcounter/ir";
import type { SymbolicReport } from "../symbolic.ts";
import type { Style } from "./lines.ts";
import type { RowTableOptions } from "./row-table.ts";

/** What `profile` found, and which rows to print. */
export interface Found {
  readonly report: CostReport;
  /** What the report is about. */
  readonly graph: Graph;
  /** Undefined unless `--roofline` or `--device-spec` is given. */
  readonly roofline: Roofline | undefined;
  readonly rows: RowTableOptions;
  /** Whether every dispatch is listed. */
  readonly listsDispatches: boolean;
}

/** A way to print reports. */
export interface OutputFormat {
  readonly report: (found: Found, style: Style) => string;
  readonly symbolic: (report: SymbolicReport, style: Style) => string;
}

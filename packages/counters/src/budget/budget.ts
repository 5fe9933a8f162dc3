import type { Integer } from "../expressions/integer.ts";
import type { CostReport, RefusalRow } from "../report/report.ts";

/**
 * The most that there may be of each quantity, by its name: `{ macs: "300M", peakMemory: "64MiB" }`,
 * and costs of the user's own, `{ energy: "2mJ" }`. A number is in the quantity's own unit.
 */
export type BudgetLimits = Readonly<Record<string, string | number | bigint>>;

/** What a model may cost. */
export interface Budget {
  /** Of the whole. */
  readonly max?: BudgetLimits;
  /**
   * By scope pattern, such as `layer?` or `**\/attention`: of each scope that the pattern matches,
   * with all that is inside it.
   */
  readonly scopes?: Readonly<Record<string, BudgetLimits>>;
  /** The report that the model is measured by. */
  readonly baseline?: CostReport;
  /** How much more than the baseline each quantity may be: `2%`; times are not compared. */
  readonly maxIncrease?: string | number;
  /** Whether what the device's limits refuse, and kernels that nothing counts, fail, too. */
  readonly strict?: boolean;
}

/** A limit, and whether it is kept. */
export interface LimitResult {
  /** `max`: a budget's own; `baseline`: what a baseline and an increase allow. */
  readonly from: "max" | "baseline";
  readonly quantity: string;
  /** `count`, `bytes`, `ms`, or the unit of a cost of the user's own. */
  readonly unit: string;
  /** Null for the whole. */
  readonly scope: string | null;
  readonly value: Integer;
  readonly limit: Integer;
  /** By how much the value is above the limit; null where it is kept. */
  readonly exceededBy: Integer | null;
  /** The same in percent of the limit; null where it is kept, and where the limit is 0. */
  readonly percent: number | null;
}

/** Whether a model keeps to a budget. */
export interface CheckResult {
  readonly schemaVersion: 1;
  readonly model: string;
  readonly convention: string;
  readonly passed: boolean;
  /** Every limit, also those that are kept. */
  readonly limits: readonly LimitResult[];
  /** What the device's limits refuse, and kernels that nothing counts; empty unless `strict`. */
  readonly refusals: readonly RefusalRow[];
  readonly uncounted: CostReport["uncounted"];
}

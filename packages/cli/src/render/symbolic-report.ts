import type { CostReport, SymbolicCost } from "@opcounter/counters";
import type { Shape } from "@opcounter/ir";

/** Costs as polynomials in named dimensions, and at which sizes they were fitted and checked. */
export interface SymbolicReport
  extends Pick<
    CostReport,
    "model" | "convention" | "passes" | "uncounted" | "leftOut" | "warnings"
  > {
  readonly inputs: readonly { readonly name: string; readonly shape: Shape }[];
  readonly dimensions: readonly {
    readonly name: string;
    readonly fitted: readonly number[];
    readonly checked: number;
    /** A size between the fitted ones; the smallest of them where there is none between. */
    readonly between: number;
  }[];
  readonly costs: readonly SymbolicCost[];
  /** What the convention leaves out at the size given. */
  readonly leftOut: CostReport["leftOut"];
}

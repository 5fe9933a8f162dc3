import type { Integer } from "../expressions/integer.ts";
import type { Cost, ScopeRow } from "../report/report.ts";

/** A quantity in two reports. */
export interface QuantityChange {
  /** `macs`, `peakMemory`, or a cost of the user's own. */
  readonly quantity: string;
  /** `count`, `bytes`, `ms`, or the unit of a cost of the user's own. */
  readonly unit: string;
  /** Null where a report does not have it. */
  readonly a: Integer | null;
  readonly b: Integer | null;
  /** b − a; null where one of them is null. */
  readonly delta: Integer | null;
  /** 100·delta/a; null where there is no delta, and where a is 0. */
  readonly percent: number | null;
}

/** How something that is not equal in both differs. */
export type ChangeKind = "added" | "removed" | "changed";

/** A scope that is not equal in both, with all that is inside it. */
export interface ScopeChange {
  readonly change: ChangeKind;
  /** Its path in a and in b; null where it is not there. They differ where it was renamed. */
  readonly a: string | null;
  readonly b: string | null;
  /** 1 for the outermost scopes. */
  readonly depth: number;
  readonly costs: { readonly a: ScopeRow | null; readonly b: ScopeRow | null };
}

/** An op in one of the reports, or a layer that is counted as a whole. */
export interface OpSide {
  /** Null for a layer. */
  readonly id: number | null;
  /** Of a layer `layer:` and its class. */
  readonly kernel: string;
  readonly scope: string;
  readonly cost: Cost;
}

/** Why an op is not equal in both. */
export interface Reason {
  /**
   * `operand` and `result`: a shape or dtype. `group`: what a pass found that it could be fused
   * with. `cost`: it costs another amount, though it is the same op.
   */
  readonly what:
    | "kernel"
    | "placement"
    | "operand"
    | "result"
    | "attribute"
    | "group"
    | "counting"
    | "cost";
  /** Which operand, result, attribute or quantity; empty for the others. */
  readonly name: string;
  /** As texts: `f32[1,8,8,3]`, `[2,2]`; "none" where it has none. */
  readonly a: string;
  readonly b: string;
}

/** An op that is not equal in both. */
export interface OpChange {
  readonly change: ChangeKind;
  readonly a: OpSide | null;
  readonly b: OpSide | null;
  /** Empty where it was added or removed. */
  readonly reasons: readonly Reason[];
}

/** What a comparison is between. */
export interface ComparedReport {
  readonly model: string;
  readonly device: string;
  readonly convention: string;
  readonly passes: string | null;
}

/**
 * What differs between two reports. Of what is summed op by op, which is all but parameters and
 * peaks, the changes of `ops` add up to the changes of `totals`.
 */
export interface Comparison {
  readonly schemaVersion: 1;
  readonly a: ComparedReport;
  readonly b: ComparedReport;
  /** Every quantity that either report has, also those that are equal. */
  readonly totals: readonly QuantityChange[];
  /** Scopes that are not equal; parents before what is inside them. */
  readonly scopes: readonly ScopeChange[];
  /** Ops that are not equal, by scope and then in order of execution. */
  readonly ops: readonly OpChange[];
  /** How many scopes and ops are equal in both. */
  readonly equal: { readonly scopes: number; readonly ops: number };
}

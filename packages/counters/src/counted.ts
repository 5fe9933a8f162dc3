import type { Call, Op } from "@opcounter/ir";
import type { Arithmetic, Traffic } from "./cost-sum.ts";
import type { OpFormula } from "./report.ts";

/** An op with what it costs. */
export interface CountedOp {
  readonly op: Op;
  readonly arithmetic: Arithmetic;
  readonly traffic: Traffic;
  readonly formula: OpFormula;
}

/** A call that a rule for its class counted as a whole. */
export interface CountedCall {
  readonly call: Call;
  readonly arithmetic: Arithmetic;
  readonly formula: OpFormula;
}

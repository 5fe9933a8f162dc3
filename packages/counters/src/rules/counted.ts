import type { Call, CallId, Graph, Op } from "@opcounter/ir/core";
import type { Arithmetic, Traffic } from "../report/cost-sum.ts";
import type { OpFormula } from "../report/report.ts";

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

/** Whether a call is another one, or lies inside it. */
export function isInCall(graph: Graph, call: CallId | undefined, outer: CallId): boolean {
  for (let at = call; at !== undefined; at = graph.calls[at]?.parent) if (at === outer) return true;
  return false;
}

/** The innermost call counted as a whole that contains a call, itself included. */
export function enclosing(
  graph: Graph,
  call: number | undefined,
  counted: ReadonlyMap<number, CountedCall>,
): CountedCall | undefined {
  if (counted.size === 0) return undefined;
  for (let at = call; at !== undefined; at = graph.calls[at]?.parent) {
    const found = counted.get(at);
    if (found !== undefined) return found;
  }
  return undefined;
}

import type { Call, CallId, Graph, Op } from "@opcounter/ir/core";
import type { Arithmetic, Traffic } from "../report/cost-sum.ts";
import type { OpFormula } from "../report/report.ts";
import type { Figures } from "./figures.ts";

/** An op with what it costs. */
export class CountedOp {
  constructor(
    readonly op: Op,
    readonly traffic: Traffic,
    readonly figures: Figures,
  ) {}

  get arithmetic(): Arithmetic {
    return this.figures.arithmetic;
  }

  get formula(): OpFormula {
    return this.figures.formula;
  }
}

/** A call that a rule for its class counted as a whole. */
export class CountedCall {
  constructor(
    readonly call: Call,
    readonly figures: Figures,
  ) {}

  get arithmetic(): Arithmetic {
    return this.figures.arithmetic;
  }

  get formula(): OpFormula {
    return this.figures.formula;
  }
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

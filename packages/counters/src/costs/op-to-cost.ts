import type { Graph, Op, ParamValue } from "@opcounter/ir/core";
import { typedOp } from "../formulas/formula.ts";
import { parameterBehind } from "../formulas/parameter-behind.ts";
import type { CountedOp } from "../rules/counted.ts";
import type { OpToCost, Quantities } from "./cost.ts";

/** An op as a cost sees it. */
export function opToCost(
  graph: Graph,
  { op, traffic }: CountedOp,
  quantities: Quantities,
  cpuMs: number | null,
): OpToCost {
  return {
    id: op.id,
    op: typedOp({ graph, op }),
    scope: op.scope,
    placement: op.placement,
    dispatches: op.dispatches,
    params: paramsBehind(graph, op),
    gpuMs: traffic.gpuNs === null ? null : traffic.gpuNs / 1e6,
    cpuMs,
    quantities,
    graph,
  };
}

function paramsBehind(graph: Graph, { operands }: Op): Readonly<Record<string, ParamValue>> {
  const params: Record<string, ParamValue> = {};
  for (const [name, id] of Object.entries(operands)) {
    const param = parameterBehind(graph, id);
    if (param !== undefined) params[name] = param;
  }
  return params;
}

import {
  type Graph,
  type Op,
  type ParamValue,
  type ValueId,
  valueAt,
  workOf,
} from "@opcounter/ir/core";
import { opAt } from "../op-at.ts";

/** The parameter that a value is, or is after reshapes and transposes; undefined for others. */
export function parameterBehind(graph: Graph, id: ValueId): ParamValue | undefined {
  const value = valueAt(graph, id);
  if (value.kind === "param") return value;
  const op = value.kind === "result" ? opAt(graph, value.op) : undefined;
  if (op === undefined || !keepsElements(op)) return undefined;
  const [source] = Object.values(op.operands);
  return source === undefined ? undefined : parameterBehind(graph, source);
}

/** Whether an op gives all elements of its operand as they are, in whatever order and shape. */
export function keepsElements({ placement, kernel }: Op): boolean {
  return placement === "view" || workOf(kernel)?.kind === "rearrangement";
}

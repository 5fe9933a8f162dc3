import { type Shape, valueAt } from "@opcounter/ir/core";
import type { OpInGraph } from "../formulas/formula.ts";
import { opAt } from "../op-at.ts";

/** The shape of what a pool takes, before the kernel that pads it where there is one: PyTorch's pools pad. */
export function pooled(_: unknown, { graph, op }: OpInGraph): Shape {
  const [x] = Object.values(op.operands);
  if (x === undefined) throw new Error(`${op.kernel} has no operand`);
  const value = valueAt(graph, x);
  const pad = value.kind === "result" ? opAt(graph, value.op) : undefined;
  const [source] = pad?.kernel === "PadV2" ? Object.values(pad.operands) : [];
  return valueAt(graph, source ?? x).shape;
}

import type { Graph, Op } from "../graph.ts";
import { valueAt } from "../graph.ts";
import { normalizeAxes } from "../kernels/shapes.ts";

/** Whether two reductions are over the same axes of tensors of the same rank. */
export function sameAxes(graph: Graph, a: Op | undefined, b: Op | undefined): boolean {
  const left = axesOf(graph, a);
  const right = axesOf(graph, b);
  return left !== undefined && left === right;
}

/** Whether a reduction, or a softmax, is over the last axis alone. */
export function isOverLastAxis(graph: Graph, op: Op): boolean {
  const reduction = reductionOf(graph, op);
  if (reduction === undefined) return false;
  const { rank, axes } = reduction;
  return axes.length === 1 && axes[0] === rank - 1;
}

/** The axes of a reduction, as a string to compare. */
function axesOf(graph: Graph, op: Op | undefined): string | undefined {
  const { rank, axes } = reductionOf(graph, op) ?? {};
  return axes === undefined ? undefined : `${rank}: ${axes.join(",")}`;
}

/** The rank and axes of a reduction. Max and Softmax have other names for the attribute. */
function reductionOf(
  graph: Graph,
  op: Op | undefined,
): { rank: number; axes: number[] } | undefined {
  const operand = op?.operands["x"] ?? op?.operands["logits"];
  if (op === undefined || operand === undefined) return undefined;
  const rank = valueAt(graph, operand).shape.length;
  const axis = op.attrs["axis"] ?? op.attrs["reductionIndices"] ?? op.attrs["dim"];
  const axes = typeof axis === "number" ? [axis] : Array.isArray(axis) ? axis.map(Number) : [];
  return { rank, axes: normalizeAxes(axes, rank) };
}

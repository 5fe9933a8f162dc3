import type { Graph, Op } from "../graph.ts";
import { valueAt } from "../graph.ts";
import { normalizeAxes } from "../kernels/shapes.ts";

/** Whether two reductions are over the same axes of tensors of the same rank. */
export function sameAxes(graph: Graph, a: Op | undefined, b: Op | undefined): boolean {
  const left = axesOf(graph, a);
  const right = axesOf(graph, b);
  return left !== undefined && left === right;
}

/** The axes a reduction is over, as a text to compare. Max calls them by a name of its own. */
function axesOf(graph: Graph, op: Op | undefined): string | undefined {
  const operand = op?.operands["x"];
  if (op === undefined || operand === undefined) return undefined;
  const rank = valueAt(graph, operand).shape.length;
  const axis = op.attrs["axis"] ?? op.attrs["reductionIndices"];
  const axes = typeof axis === "number" ? [axis] : Array.isArray(axis) ? axis.map(Number) : [];
  return `${rank}: ${normalizeAxes(axes, rank).join(",")}`;
}

import type { Graph, Op } from "../graph.ts";
import { valueAt } from "../graph.ts";
import { normalizeAxes, reduced } from "../kernels/shapes.ts";
import { type Shape, sameShape } from "../types.ts";

/** Whether two reductions are over the same axes of tensors of the same rank. */
export function sameAxes(graph: Graph, a: Op | undefined, b: Op | undefined): boolean {
  const left = axesOf(graph, a);
  const right = axesOf(graph, b);
  return left !== undefined && left === right;
}

/**
 * Whether each op broadcasts a reduction's result back to the elements that it was computed from:
 * all its operands have the shape that the reduction takes, or this shape with a 1 for each axis
 * that is reduced over. A result that lost its axis fits a square as well, but along another axis.
 *
 * @param ops undefined for an op that is not part of the match.
 */
export function broadcastsBack(
  graph: Graph,
  reduction: Op | undefined,
  ops: readonly (Op | undefined)[],
): boolean {
  const { shape, axes } = reductionOf(graph, reduction) ?? {};
  if (shape === undefined || axes === undefined) return false;
  const fits = [shape, reduced(shape, axes, true)].map(withoutLeadingOnes);
  return ops.every((op) =>
    Object.values(op?.operands ?? {}).every((id) => {
      const operand = withoutLeadingOnes(valueAt(graph, id).shape);
      return fits.some((fit) => sameShape(fit, operand));
    }),
  );
}

/** A shape without the leading dimensions of 1, which broadcasting ignores. */
function withoutLeadingOnes(shape: Shape): Shape {
  const first = shape.findIndex((dimension) => dimension !== 1);
  return first < 0 ? [] : shape.slice(first);
}

/** Whether a reduction, or a softmax, is over the last axis alone. */
export function isOverLastAxis(graph: Graph, op: Op): boolean {
  const reduction = reductionOf(graph, op);
  if (reduction === undefined) return false;
  const { shape, axes } = reduction;
  return axes.length === 1 && axes[0] === shape.length - 1;
}

/** Whether a reduction is over the last axes, one or more, up to all of them. */
export function isOverLastAxes(graph: Graph, op: Op): boolean {
  const { shape = [], axes = [] } = reductionOf(graph, op) ?? {};
  return axes.length > 0 && axes.every((axis) => axis >= shape.length - axes.length);
}

/** The axes of a reduction. */
export function reducedAxes(graph: Graph, op: Op): readonly number[] {
  return reductionOf(graph, op)?.axes ?? [];
}

/** The axes of a reduction, as a string to compare. */
function axesOf(graph: Graph, op: Op | undefined): string | undefined {
  const { shape, axes } = reductionOf(graph, op) ?? {};
  return axes === undefined ? undefined : `${shape?.length}: ${axes.join(",")}`;
}

/** The operand's shape and the axes of a reduction. Max and Softmax have other names for the attribute. */
function reductionOf(
  graph: Graph,
  op: Op | undefined,
): { shape: Shape; axes: number[] } | undefined {
  const operand = op?.operands["x"] ?? op?.operands["logits"];
  if (op === undefined || operand === undefined) return undefined;
  const { shape } = valueAt(graph, operand);
  const axis = op.attrs["axis"] ?? op.attrs["reductionIndices"] ?? op.attrs["dim"];
  // tfjs reduces over all axes where none is given.
  const axes = axis == null ? [...shape.keys()] : [axis].flat().map(Number);
  return { shape, axes: normalizeAxes(axes, shape.length) };
}

import type { TensorType } from "@opcounter/ir/core";
import { exact, exactSize, type Integer } from "../expressions/integer.ts";
import { lengthOf } from "../formulas/formula.ts";

/** A resize of images `[batch, height, width, channels]`. */
interface Resize {
  readonly operands: { readonly images: TensorType };
  readonly results: readonly [TensorType, ...TensorType[]];
}

/** An axis of an image that gets another length. */
interface Axis {
  readonly before: number;
  readonly after: number;
}

function resizedAxes({ operands: { images }, results: [y] }: Resize): Axis[] {
  return [1, 2]
    .map((axis) => ({ before: lengthOf(images.shape, axis), after: lengthOf(y.shape, axis) }))
    .filter(({ before, after }) => before !== after);
}

/**
 * Multiply-accumulate pairs of a resize that multiplies images by a matrix of weights per axis, first
 * along the axis that makes it cheaper. Source: `_scale_and_translate` of JAX 0.11.2,
 * `jax/_src/image/scale.py`, which leaves out axes whose length stays.
 */
export function resizeProducts(op: Resize): Integer {
  const along = (axes: readonly Axis[]): bigint => {
    let pairs = 0n;
    let size = exactSize(op.operands.images.shape);
    for (const { before, after } of axes) {
      pairs += size * BigInt(after);
      size = before === 0 ? 0n : (size / BigInt(before)) * BigInt(after);
    }
    return pairs;
  };
  const axes = resizedAxes(op);
  const [least = 0n] = [axes, axes.toReversed()].map(along).sort((a, b) => Number(a - b));
  return exact(least);
}

/**
 * Operations that make those matrices: 9 per weight, 10 per position of the result, the sums that
 * each position's weights are divided by, and three constants converted. Source: the instructions
 * that JAX 0.11.2 makes of `compute_weight_mat`, `jax/_src/image/scale.py`.
 */
export function resizeWeights(op: Resize): number {
  return resizedAxes(op).reduce((operations, { before, after }) => {
    return operations + 9 * before * after + 10 * after + Math.max(before - 1, 0) * after + 3;
  }, 0);
}

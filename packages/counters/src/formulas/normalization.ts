import type { TensorType } from "@opcounter/ir";
import { elements, formula } from "./formula.ts";

export const normalizationFormulas = [
  /**
   * (x − mean)·(scale / √(variance + ε)) + offset. An element: a difference, a product and, where
   * there is an offset, a sum. A channel: a sum, a reciprocal root and, where there is a scale, a
   * product. o and s are 1 where there is an offset and a scale, C is the number of channels.
   */
  formula("FusedBatchNorm", {
    symbols: ({ operands: { mean, offset, scale } }) => ({
      C: elements(mean),
      o: offset === undefined ? 0 : 1,
      s: scale === undefined ? 0 : 1,
    }),
    flops: "N * (2 + o) + C * (1 + s)",
    transcendentals: "C",
  }),
  /**
   * x·(bias + α·Σ x²)^−β, the sum over the channels within the radius. R rows of channels; S is
   * the sum of the windows' sizes, which are smaller at the ends, over a row of C channels. A
   * window of n is n products and n − 1 sums; then α, bias, a power and a product.
   */
  formula("LRN", {
    symbols: ({ operands: { x }, attrs: { depthRadius } }) => windowSymbols(x, depthRadius),
    flops: "R * (2 * S - C) + 3 * N",
    transcendentals: "N",
  }),
  /**
   * dxᵢ = dyᵢ·normᵢ^−β − 2αβ·xᵢ·Σⱼ dyⱼ·yⱼ/normⱼ, with norm = bias + α·Σ x² computed again. A window
   * of n is n squares and twice n − 1 sums. An element, beside the power: 2 operations of norm, a
   * product and a quotient to be summed up, 3 products and a difference. 2αβ is one number.
   */
  formula("LRNGrad", {
    symbols: ({ operands: { x }, attrs: { depthRadius } }) => windowSymbols(x, depthRadius),
    flops: "R * (3 * S - 2 * C) + 8 * N",
    transcendentals: "N",
  }),
];

/** R, C and S of a local response normalization over the last axis. */
function windowSymbols(x: TensorType, radius: number): { R: number; C: number; S: number } {
  const C = x.shape.at(-1) ?? 1;
  let S = 0;
  for (let channel = 0; channel < C; channel++) {
    S += Math.min(channel + radius, C - 1) - Math.max(channel - radius, 0) + 1;
  }
  return { R: C === 0 ? 0 : elements(x) / C, C, S };
}

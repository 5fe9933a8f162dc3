import type { TensorType } from "@opcounter/ir/core";
import { elements, formula, rowLength } from "./formula.ts";

/** Local response normalization over the last axis, the channels. */
interface Lrn {
  readonly operands: { readonly x: TensorType };
  readonly attrs: { readonly depthRadius: number };
}

const LRN = {
  R: ({ operands: { x } }: Lrn) => (rowLength(x) === 0 ? 0 : elements(x) / rowLength(x)),
  C: ({ operands: { x } }: Lrn) => rowLength(x),
  windows: ({ operands: { x }, attrs: { depthRadius } }: Lrn) => {
    const channels = rowLength(x);
    // At either end, the channel at c lacks depthRadius − c of its 2·depthRadius + 1.
    const cut = Math.min(depthRadius, channels);
    const lacking = cut * depthRadius - (cut * (cut - 1)) / 2;
    return channels * (2 * depthRadius + 1) - 2 * lacking;
  },
};

export const normalizationFormulas = [
  /**
   * (x − mean)·(scale / √(variance + ε)) + offset. Per element: a difference, a product and, where
   * there is an offset, a sum. Per channel: a sum, a reciprocal root and, where there is a scale, a
   * product. offset and s are 1 where there is an offset and a scale, C is the number of channels.
   */
  formula("FusedBatchNorm", {
    symbols: {
      C: ({ operands: { mean } }) => elements(mean),
      offset: ({ operands: { offset } }) => (offset === undefined ? 0 : 1),
      s: ({ operands: { scale } }) => (scale === undefined ? 0 : 1),
    },
    flops: "N * (2 + offset) + C * (1 + s)",
    transcendentals: "C",
  }),
  /**
   * x·(bias + α·Σ x²)^−β, the sum over the channels within the radius. R rows of C
   * channels; `windows` is the sum of the windows' sizes over a row, smaller at its ends. A
   * window of n is n products and n − 1 sums; then α, bias, a power and a product.
   */
  formula("LRN", {
    symbols: LRN,
    flops: "R * (2 * windows - C) + 3 * N",
    transcendentals: "N",
  }),
  /**
   * dxᵢ = dyᵢ·normᵢ^−β − 2αβ·xᵢ·Σⱼ dyⱼ·yⱼ/normⱼ, with norm = bias + α·Σ x² computed again. A window
   * of n is n squares and twice n − 1 sums. Per element, beside the power: 2 operations of norm, a
   * product and a quotient to be summed up, 3 products and a difference. 2αβ is one number.
   */
  formula("LRNGrad", {
    symbols: LRN,
    flops: "R * (3 * windows - 2 * C) + 8 * N",
    transcendentals: "N",
  }),
];

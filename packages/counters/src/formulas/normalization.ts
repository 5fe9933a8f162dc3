import { elements, formula } from "../formula.ts";

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
];

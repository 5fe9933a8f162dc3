import { dimensions, formula } from "./formula.ts";

/** Pooling. K is the size of the window, k1 its side. */

/**
 * K and k1 of a filter size, which is one number for all `rank` axes or one number each. PyTorch has
 * one number for equal sides, and a tuple otherwise, whose members thop multiplies.
 */
function windowSymbols(
  filterSize: number | readonly number[],
  rank: number,
): { K: readonly number[]; k1: number } {
  const sides =
    typeof filterSize === "number" ? Array.from({ length: rank }, () => filterSize) : filterSize;
  const [first = 1] = sides;
  const areEqual = sides.every((side) => side === first);
  return { K: sides, k1: areEqual ? first : sides.reduce((product, side) => product * side, 1) };
}

export const poolingFormulas = [
  /** Each output is the maximum of its window: K − 1 comparisons. */
  formula("MaxPool", {
    symbols: ({ attrs }) => windowSymbols(attrs.filterSize, 2),
    flops: "(K - 1) * M",
  }),
  formula("MaxPool3D", {
    symbols: ({ attrs }) => windowSymbols(attrs.filterSize, 3),
    flops: "(K - 1) * M",
  }),
  formula("MaxPoolWithArgmax", {
    symbols: ({ attrs }) => windowSymbols(attrs.filterSize, 2),
    flops: "(K - 1) * M",
  }),
  /**
   * Each output is the mean of its window: K − 1 sums and a division. global is 1 where one window is
   * the whole image: global pooling.
   */
  formula("AvgPool", {
    symbols: ({ operands: { x }, attrs, results: [y] }) => {
      const window = windowSymbols(attrs.filterSize, 2);
      const isWhole = window.K.every((side, axis) => {
        return side === x.shape[axis + 1] && y.shape[axis + 1] === 1;
      });
      return { ...window, global: isWhole ? 1 : 0 };
    },
    flops: "(K - 1) * M + M",
  }),
  formula("AvgPool3D", {
    symbols: ({ attrs }) => windowSymbols(attrs.filterSize, 3),
    flops: "(K - 1) * M + M",
  }),
  // Gradients. D is the number of elements of dy; taps on padding count, as in the pooling itself.
  /** Each element of dy, divided by K, is added to its window. */
  formula("AvgPoolGrad", {
    symbols: ({ operands: { dy }, attrs }) => ({
      ...windowSymbols(attrs.filterSize, 2),
      D: dimensions(dy),
    }),
    flops: "D + K * D",
  }),
  formula("AvgPool3DGrad", {
    symbols: ({ operands: { dy }, attrs }) => ({
      ...windowSymbols(attrs.filterSize, 3),
      D: dimensions(dy),
    }),
    flops: "D + K * D",
  }),
  /** The maximum's place is found again in each window, and dy is added there. */
  formula("MaxPoolGrad", {
    symbols: ({ operands: { dy }, attrs }) => ({
      ...windowSymbols(attrs.filterSize, 2),
      D: dimensions(dy),
    }),
    flops: "(K - 1) * D + D",
  }),
  formula("MaxPool3DGrad", {
    symbols: ({ operands: { dy }, attrs }) => ({
      ...windowSymbols(attrs.filterSize, 3),
      D: dimensions(dy),
    }),
    flops: "(K - 1) * D + D",
  }),
];

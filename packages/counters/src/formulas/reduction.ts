import type { KernelName, TensorType } from "@opcounter/ir";
import { formula } from "../formula.ts";

/** Reductions: N elements become M. Joining n elements takes n − 1 operations. */

/** F, the length of the last axis, and R, the rows along it: N = R·F. */
function rowSymbols(x: TensorType, axis = -1): { F: number; R: number } {
  const at = axis < 0 ? x.shape.length + axis : axis;
  const F = x.shape[at] ?? 1;
  const size = x.shape.reduce((product, dimension) => product * dimension, 1);
  return { F, R: F === 0 ? 0 : size / F };
}

const JOINS = [
  "All",
  "Any",
  "ArgMax",
  "ArgMin",
  "Max",
  "Min",
  "Prod",
  "Sum",
] satisfies KernelName[];

export const reductionFormulas = [
  ...JOINS.map((kernel) => formula(kernel, { flops: "N - M" })),
  /** A sum and a division an output. P is 1 where it is the mean over an image: global pooling. */
  formula("Mean", {
    symbols: ({ operands: { x }, attrs: { axis } }) => {
      const axes = typeof axis === "number" ? [axis] : (axis ?? []);
      const isImage = x.shape.length === 4 && axes.length === 2;
      return { P: isImage && axes.includes(1) && axes.includes(2) ? 1 : 0 };
    },
    flops: "N - M + M",
  }),
  formula("Cumsum", {
    symbols: ({ operands: { x }, attrs: { axis } }) => rowSymbols(x, axis),
    flops: "N - R",
  }),
  formula("Cumprod", {
    symbols: ({ operands: { x }, attrs: { axis } }) => rowSymbols(x, axis),
    flops: "N - R",
  }),
];

export const softmaxFormulas = [
  /**
   * e^(x − max) / Σ e^(x − max) along the last axis: F − 1 comparisons, F differences, F
   * exponentials, F − 1 sums and F divisions a row.
   */
  formula("Softmax", {
    symbols: ({ operands: { logits } }) => rowSymbols(logits),
    flops: "R * (F - 1) + N + R * (F - 1) + N",
    transcendentals: "N",
  }),
];

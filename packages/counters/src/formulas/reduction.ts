import type { KernelName, TensorType } from "@opcounter/ir";
import { formula } from "./formula.ts";

/**
 * Reductions: N elements become M. Joining n elements takes n − 1 operations, and joining none takes
 * none: an empty tensor can have results, as the sum over an axis of length 0 has.
 */
const JOINED = "max(N - M, 0)";

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
  ...JOINS.map((kernel) => formula(kernel, { flops: JOINED })),
  /**
   * A sum and a division an output. global is 1 where it is the mean over the two axes of an image,
   * with channels last or first: global pooling.
   */
  formula("Mean", {
    symbols: ({ operands: { x }, attrs: { axis } }) => {
      const axes = (typeof axis === "number" ? [axis] : (axis ?? []))
        .map((axis) => (axis < 0 ? axis + x.shape.length : axis))
        .sort();
      const isImage = x.shape.length === 4 && ["1,2", "2,3"].includes(axes.join());
      return { global: isImage ? 1 : 0 };
    },
    flops: `${JOINED} + M`,
  }),
  /** Each element is joined with those before it. e is 1 where the last element takes no part. */
  ...(["Cumsum", "Cumprod"] as const).map((kernel) =>
    formula(kernel, {
      symbols: ({ operands: { x }, attrs: { axis, exclusive } }) => ({
        ...rowSymbols(x, axis),
        e: exclusive ? 1 : 0,
      }),
      flops: "R * max(F - 1 - e, 0)",
    }),
  ),
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

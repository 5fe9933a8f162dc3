import { type KernelName, sizeOf, type TensorType } from "@opcounter/ir/core";
import { formula, lengthOf } from "./formula.ts";

/**
 * Reductions: N elements become M. Joining n elements takes n − 1 operations, and joining none takes
 * none: an empty tensor can have results, as the sum over an axis of length 0 has.
 */
const JOINED = "max(N - M, 0)";

/** R rows along an axis, and F elements in each: N = R·F. */
function rows({ shape }: TensorType, axis: number): { readonly F: number; readonly R: number } {
  // A scalar is a row of one element.
  const F = shape.length === 0 ? 1 : lengthOf(shape, axis);
  return { F, R: F === 0 ? 0 : sizeOf(shape) / F };
}

/** A scan along an axis. */
interface Scan {
  readonly operands: { readonly x: TensorType };
  readonly attrs: { readonly axis: number; readonly exclusive: boolean };
}

const SCAN = {
  F: ({ operands: { x }, attrs: { axis } }: Scan) => rows(x, axis).F,
  R: ({ operands: { x }, attrs: { axis } }: Scan) => rows(x, axis).R,
  exclusive: ({ attrs: { exclusive } }: Scan) => (exclusive ? 1 : 0),
};

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
  /** A sum and a division per output. */
  formula("Mean", { flops: `${JOINED} + M` }),
  /** Each element is joined with those before it. */
  ...(["Cumsum", "Cumprod"] as const).map((kernel) =>
    formula(kernel, { symbols: SCAN, flops: "R * max(F - 1 - exclusive, 0)" }),
  ),
];

export const softmaxFormulas = [
  /**
   * e^(x − max) / Σ e^(x − max) along the last axis: F − 1 comparisons, F differences, F
   * exponentials, F − 1 sums and F divisions per row.
   */
  formula("Softmax", {
    symbols: {
      F: ({ operands: { logits } }) => rows(logits, -1).F,
      R: ({ operands: { logits } }) => rows(logits, -1).R,
    },
    flops: "R * (F - 1) + N + R * (F - 1) + N",
    transcendentals: "N",
  }),
];

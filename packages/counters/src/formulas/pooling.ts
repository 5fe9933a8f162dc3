import { formula, GRADIENT } from "./formula.ts";

/** Pooling. K is the size of the window. Taps on padding count, as in the pooling itself. */

/** An op with a window: one length for all of its axes, or one for each. */
interface WithWindow {
  readonly attrs: { readonly filterSize: number | readonly number[] };
}

/** The sides of a pool's window over `axes` axes. */
export function sidesOf({ attrs: { filterSize } }: WithWindow, axes: 2 | 3): readonly number[] {
  return typeof filterSize === "number"
    ? Array.from({ length: axes }, () => filterSize)
    : filterSize;
}

const WINDOW_2D = { K: (op: WithWindow) => sidesOf(op, 2) };
const WINDOW_3D = { K: (op: WithWindow) => sidesOf(op, 3) };

export const poolingFormulas = [
  /** Each output is the maximum of its window: K − 1 comparisons. */
  formula("MaxPool", { symbols: WINDOW_2D, flops: "(K - 1) * M" }),
  formula("MaxPool3D", { symbols: WINDOW_3D, flops: "(K - 1) * M" }),
  formula("MaxPoolWithArgmax", { symbols: WINDOW_2D, flops: "(K - 1) * M" }),
  /** Each output is the mean of its window: K − 1 sums and a division. */
  formula("AvgPool", { symbols: WINDOW_2D, flops: "(K - 1) * M + M" }),
  formula("AvgPool3D", { symbols: WINDOW_3D, flops: "(K - 1) * M + M" }),
  // Gradients.
  /** Each element of dy, divided by K, is added to its window. */
  formula("AvgPoolGrad", { symbols: { ...WINDOW_2D, ...GRADIENT }, flops: "D + K * D" }),
  formula("AvgPool3DGrad", { symbols: { ...WINDOW_3D, ...GRADIENT }, flops: "D + K * D" }),
  /** The maximum's place is found again in each window, and dy is added there. */
  formula("MaxPoolGrad", { symbols: { ...WINDOW_2D, ...GRADIENT }, flops: "(K - 1) * D + D" }),
  formula("MaxPool3DGrad", { symbols: { ...WINDOW_3D, ...GRADIENT }, flops: "(K - 1) * D + D" }),
];

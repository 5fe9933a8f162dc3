import { elements, formula } from "./formula.ts";

/** Sorting and searching compare; how often depends on the values, so these are upper bounds. */

export const searchFormulas = [
  /** A full sort of each row of F elements: no more than F·log2(F) comparisons. */
  formula("TopK", {
    status: "bound",
    source: "a comparison sort of each row",
    symbols: ({ operands: { x } }) => ({ F: x.shape.at(-1) ?? 1 }),
    flops: "N * log2(F)",
  }),
  formula("Unique", {
    status: "bound",
    source: "a comparison sort of all elements",
    flops: "N * log2(N)",
  }),
  /** A binary search among the F elements of a row, for each value. */
  formula("SearchSorted", {
    status: "bound",
    source: "a binary search a value",
    symbols: ({ operands: { sortedSequence } }) => ({ F: sortedSequence.shape.at(-1) ?? 1 }),
    flops: "M * (log2(F) + 1)",
  }),
  /**
   * The boxes are sorted by score; then each of them may be compared with each box chosen. Two
   * areas are 6 operations, the intersection 9, the union 2, their quotient 1, the comparison 1.
   */
  ...(["NonMaxSuppressionV3", "NonMaxSuppressionV4"] as const).map((kernel) =>
    formula(kernel, {
      status: "bound",
      source: "a sort, and an intersection over union of every box with every chosen one",
      symbols: ({ operands: { scores }, attrs: { maxOutputSize } }) => ({
        B: elements(scores),
        S: Math.min(maxOutputSize, elements(scores)),
      }),
      flops: "B * log2(B) + 19 * S * B",
    }),
  ),
  /** Soft suppression multiplies the score by e^(−iou²/2σ): three products and an exponential. */
  formula("NonMaxSuppressionV5", {
    status: "bound",
    source: "a sort, and an intersection over union of every box with every chosen one, softened",
    symbols: ({ operands: { scores }, attrs: { maxOutputSize } }) => ({
      B: elements(scores),
      S: Math.min(maxOutputSize, elements(scores)),
    }),
    flops: "B * log2(B) + 22 * S * B",
    transcendentals: "S * B",
  }),
  /** Elements outside of the bins are left out. */
  formula("Bincount", { status: "bound", source: "a sum an element", flops: "N" }),
  formula("DenseBincount", { status: "bound", source: "a sum an element", flops: "N" }),
  /**
   * Scores become probabilities by a softmax unless they are (u is 1), those are summed up, and
   * each sample is looked for among the C classes one by one.
   */
  formula("Multinomial", {
    status: "bound",
    source: "a softmax, a running sum, and a search a sample",
    symbols: ({ operands: { logits }, attrs: { normalized } }) => ({
      u: normalized ? 0 : 1,
      C: logits.shape.at(-1) ?? 1,
    }),
    flops: "u * 4 * N + N + M * C",
    transcendentals: "u * N",
  }),
];

import type { TensorType } from "@opcounter/ir/core";
import { declaredZero, elements, formula, rowLength } from "./formula.ts";

/** Sorting and searching compare; how often depends on the values, so these are upper bounds. */

/** A choice among boxes by their scores. */
interface Suppression {
  readonly operands: { readonly scores: TensorType };
  readonly attrs: { readonly maxOutputSize: number };
}

const SUPPRESSION = {
  boxes: ({ operands: { scores } }: Suppression) => elements(scores),
  chosen: ({ operands: { scores }, attrs: { maxOutputSize } }: Suppression) =>
    Math.min(maxOutputSize, elements(scores)),
};

export const searchFormulas = [
  /** A full sort of each row of F elements: no more than F·log2(F) comparisons. */
  formula("TopK", {
    status: "bound",
    source: "a comparison sort of each row",
    symbols: { F: ({ operands: { x } }) => rowLength(x) },
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
    source: "a binary search per value",
    symbols: { F: ({ operands: { sortedSequence } }) => rowLength(sortedSequence) },
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
      symbols: SUPPRESSION,
      flops: "boxes * log2(boxes) + 19 * chosen * boxes",
    }),
  ),
  /** Soft suppression multiplies the score by e^(−iou²/2σ): three products and an exponential. */
  formula("NonMaxSuppressionV5", {
    status: "bound",
    source: "a sort, and an intersection over union of every box with every chosen one, softened",
    symbols: SUPPRESSION,
    flops: "boxes * log2(boxes) + 22 * chosen * boxes",
    transcendentals: "chosen * boxes",
  }),
  /** Elements outside of the bins are left out. */
  formula("Bincount", { status: "bound", source: "a sum per element", flops: "N" }),
  formula("DenseBincount", { status: "bound", source: "a sum per element", flops: "N" }),
  /**
   * Scores become probabilities by a softmax unless they are probabilities, these are summed up,
   * and each sample is looked for among the classes one by one.
   */
  formula("Multinomial", {
    status: "bound",
    source: "a softmax, a running sum, and a search per sample",
    symbols: {
      unnormalized: ({ attrs: { normalized } }) => (normalized ? 0 : 1),
      classes: ({ operands: { logits } }) => rowLength(logits),
    },
    flops: "unnormalized * 4 * N + N + M * classes",
    transcendentals: "unnormalized * N",
  }),
  ...declaredZero("gives the places of what is true", ["Where"]),
  /** The F elements of y are sorted, then each of x is searched among them. */
  formula("ListDiff", {
    status: "bound",
    source: "a sort of one list, and a binary search per element of the other",
    symbols: { F: ({ operands: { y } }) => rowLength(y) },
    flops: "F * log2(F) + N * (log2(F) + 1)",
  }),
];

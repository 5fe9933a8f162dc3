import type { TensorType } from "@opcounter/ir/core";
import { formula, rowLength } from "./formula.ts";

/** F is the length of the last axis, over which the transform runs. */
const ROW = {
  F: ({ operands: { input } }: { readonly operands: { readonly input: TensorType } }) =>
    rowLength(input),
};

/**
 * The radix-2 Cooley–Tukey transform has N/2·log2(F) butterflies of a complex product and two
 * complex sums, 10 operations each. Source: Cooley and Tukey, 1965; the count 5·N·log2(F) is what
 * FFTW's authors use to compare transforms; here the logarithm is rounded up. The roots of unity are
 * constants.
 */
export const fourierFormulas = [
  formula("FFT", {
    source: "Cooley–Tukey, 5·N·⌈log2(F)⌉ (FFTW's convention, of the next power of two)",
    symbols: ROW,
    flops: "5 * N * log2(F)",
  }),
  /** As the transform, and a division of both parts by F. */
  formula("IFFT", {
    source:
      "Cooley–Tukey, 5·N·⌈log2(F)⌉ (FFTW's convention, of the next power of two), and 2·N divisions by F",
    symbols: ROW,
    flops: "5 * N * log2(F) + 2 * N",
  }),
];

import type { TensorType } from "@opcounter/ir";
import { formula } from "../formula.ts";
import { fusedSymbols, UNFUSED } from "./activation.ts";

/** Matrix products. k is the length of the dimension that is summed over. */

/** k of a product whose left operand is `[..., rows, k]`, or `[..., k, rows]` transposed. */
function innerLength(a: TensorType, transposed: boolean): number {
  return a.shape.at(transposed ? -2 : -1) ?? 1;
}

export const matmulFormulas = [
  formula("BatchMatMul", {
    symbols: ({ operands, attrs }) => ({
      k: innerLength(operands.a, attrs.transposeA),
      ...UNFUSED,
    }),
    macs: "M * k",
  }),
  formula("_FusedMatMul", {
    symbols: ({ operands, attrs }) => ({
      k: innerLength(operands.a, attrs.transposeA),
      ...fusedSymbols(operands.bias !== undefined, attrs.activation),
    }),
    macs: "M * k",
    flops: "b * M + Af * M",
    transcendentals: "At * M",
  }),
];

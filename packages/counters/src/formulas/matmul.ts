import { einsumTerms, type TensorType } from "@opcounter/ir";
import { fusedSymbols, UNFUSED } from "./activation.ts";
import { formula } from "./formula.ts";

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
  /**
   * Of two operands: a product for every combination of indices, summed over those that the output
   * lacks. T is the product of the lengths of all axes. Of one operand: only the sums.
   */
  formula("Einsum", {
    symbols: ({ operands, attrs: { equation } }) => {
      const isContraction = operands.length > 1;
      return {
        T: isContraction ? indexCombinations(equation, operands) : 0,
        s: isContraction ? 0 : 1,
      };
    },
    macs: "T",
    flops: "s * max(N - M, 0)",
  }),
];

/** The product of the lengths of all axes that an equation such as `ij,jk->ik` names. */
function indexCombinations(equation: string, operands: readonly TensorType[]): number {
  const lengths = new Map<string, number>();
  einsumTerms(equation).inputs.forEach((names, i) => {
    [...names].forEach((name, axis) => {
      lengths.set(name, operands[i]?.shape[axis] ?? 1);
    });
  });
  return [...lengths.values()].reduce((product, length) => product * length, 1);
}

import { einsumTerms, type TensorType } from "@opcounter/ir/core";
import { BIAS_AND_ACTIVATION, FUSED } from "./activation.ts";
import { formula, lengthOf } from "./formula.ts";

/** Matrix products. k is the length of the dimension that is summed over. */

/** A product whose left operand is `[..., rows, k]`, or `[..., k, rows]` where it is transposed. */
interface Product {
  readonly operands: { readonly a: TensorType };
  readonly attrs: { readonly transposeA: boolean };
}

const PRODUCT = {
  k: ({ operands: { a }, attrs: { transposeA } }: Product) =>
    lengthOf(a.shape, transposeA ? -2 : -1),
};

export const matmulFormulas = [
  formula("BatchMatMul", { symbols: PRODUCT, macs: "M * k" }),
  formula("_FusedMatMul", {
    symbols: { ...PRODUCT, ...FUSED },
    macs: "M * k",
    flops: BIAS_AND_ACTIVATION,
    transcendentals: "At * M",
  }),
  /**
   * Of several operands: where an index is summed over, a multiply-accumulate pair for every
   * combination of indices, T of them; where none is, one product per element, as in an outer
   * product. Of one operand: only the sums.
   */
  formula("Einsum", {
    symbols: {
      T: ({ operands, attrs: { equation } }) => indexLengths(equation, operands),
      contracts: ({ operands, attrs: { equation } }) =>
        operands.length > 1 && sumsOverAnIndex(equation) ? 1 : 0,
      outer: ({ operands, attrs: { equation } }) =>
        operands.length > 1 && !sumsOverAnIndex(equation) ? 1 : 0,
      single: ({ operands }) => (operands.length > 1 ? 0 : 1),
    },
    macs: "contracts * T",
    flops: "outer * M + single * max(N - M, 0)",
  }),
];

/** Whether an operand of the equation has an index that the output lacks. */
export function sumsOverAnIndex(equation: string): boolean {
  const { inputs, output } = einsumTerms(equation);
  return [...inputs.join("")].some((name) => !output.includes(name));
}

/** The lengths of all indices that an equation such as `ij,jk->ik` names, each once. */
export function indexLengths(equation: string, operands: readonly TensorType[]): readonly number[] {
  const lengths = new Map<string, number>();
  einsumTerms(equation).inputs.forEach((names, i) => {
    [...names].forEach((name, axis) => {
      const operand = operands[i];
      if (operand === undefined) throw new Error(`${equation} has more operands than the einsum`);
      lengths.set(name, lengthOf(operand.shape, axis));
    });
  });
  return [...lengths.values()];
}

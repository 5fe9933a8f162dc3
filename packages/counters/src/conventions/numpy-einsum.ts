import { sizeOf, type TensorType } from "@opcounter/ir/core";
import { indexLengths, sumsOverAnIndex } from "../formulas/matmul.ts";

/** An einsum. TensorFlow.js takes one or two operands. */
interface Einsum {
  readonly operands: readonly TensorType[];
  readonly attrs: { readonly equation: string };
}

/**
 * The operations of an einsum as tools get them from what numpy prints: a product per combination of
 * indices, a sum too where an index is summed over, and one more for the whole, to four digits.
 * Source: `einsum_path` and `_flop_count` of numpy 2.4, `numpy/_core/einsumfunc.py`.
 */
export function numpyEinsum({ operands, attrs: { equation } }: Einsum): number {
  const combinations = sizeOf(indexLengths(equation, operands));
  const operations = combinations * (sumsOverAnIndex(equation) ? 2 : 1);
  return Number((operations + 1).toExponential(3));
}

import type { KernelName, TensorType } from "@opcounter/ir/core";
import { type Formula, formula, GRADIENT } from "./formula.ts";

/** Kernels that compute each output element on its own: so many operations per element. */
function perElement<N extends KernelName>(
  flops: number,
  transcendentals: number,
  source: string,
  kernels: readonly N[],
): Formula<N, never>[] {
  return kernels.map((kernel) =>
    formula(kernel, {
      source,
      ...(flops === 0 ? {} : { flops: times(flops) }),
      ...(transcendentals === 0 ? {} : { transcendentals: times(transcendentals) }),
    }),
  );
}

function times(count: number): string {
  return count === 1 ? "M" : `${count} * M`;
}

/** c: one operation per element of real numbers, so many of complex ones. */
const complexTakes = (operations: number) => ({
  c: ({ results: [y] }: { readonly results: readonly [TensorType, ...TensorType[]] }) =>
    y.dtype === "complex64" ? operations : 1,
});

export const elementwiseFormulas = [
  ...perElement(1, 0, "one operation of that name per element", [
    "Abs",
    "BitwiseAnd",
    "Ceil",
    "Floor",
    "IsFinite",
    "IsInf",
    "IsNan",
    "LogicalAnd",
    "LogicalNot",
    "LogicalOr",
    "Maximum",
    "Minimum",
    "Neg",
    "Reciprocal",
    "Round",
    "Square",
  ]),
  ...perElement(1, 0, "one comparison per element", [
    "Equal",
    "Greater",
    "GreaterEqual",
    "Less",
    "LessEqual",
    "NotEqual",
    "Relu",
    "Step",
  ]),
  ...perElement(1, 0, "one choice per element", ["Select"]),
  ...perElement(2, 0, "two comparisons per element", ["ClipByValue", "Relu6", "Sign"]),
  ...perElement(2, 0, "x ≥ 0 ? x : αx, a comparison and a product", ["LeakyRelu", "Prelu"]),
  ...perElement(2, 0, "(a − b)², a difference and a product", ["SquaredDifference"]),
  ...perElement(2, 0, "⌊a / b⌋, a division and a floor", ["FloorDiv"]),
  ...perElement(4, 0, "a − ⌊a / b⌋·b: a division, a floor, a product, a difference", ["Mod"]),
  ...perElement(0, 1, "one transcendental per element", [
    "Acos",
    "Acosh",
    "Asin",
    "Asinh",
    "Atan",
    "Atan2",
    "Atanh",
    "Cos",
    "Cosh",
    "Erf",
    "Exp",
    "Expm1",
    "Log",
    "Log1p",
    "Pow",
    "Rsqrt",
    "Sin",
    "Sinh",
    "Sqrt",
    "Tan",
    "Tanh",
  ]),
  ...perElement(2, 1, "x ≥ 0 ? x : eˣ − 1: a comparison, a difference, an exponential", ["Elu"]),
  ...perElement(
    3,
    1,
    "x ≥ 0 ? λx : λα(eˣ − 1): a comparison, a difference, a product, an exponential",
    ["Selu"],
  ),
  ...perElement(3, 1, "1 / (1 + e⁻ˣ): a negation, a sum, a division, an exponential", ["Sigmoid"]),
  ...perElement(1, 2, "log(1 + eˣ): a sum, an exponential, a logarithm", ["Softplus"]),
  ...perElement(3, 1, "√(re² + im²): two products, a sum, a root", ["ComplexAbs"]),

  // Complex numbers: a sum is two sums; a product (a + bi)(c + di) is four products and two sums.
  formula("Add", { symbols: complexTakes(2), flops: "c * M" }),
  formula("Sub", { symbols: complexTakes(2), flops: "c * M" }),
  formula("Multiply", { symbols: complexTakes(6), flops: "c * M" }),
  formula("RealDiv", { flops: "M" }),
  formula("AddN", { symbols: { n: ({ operands }) => operands.length }, flops: "(n - 1) * M" }),
  /** The gradient of elu: y ≥ 0 ? dy : dy·(y + 1). */
  formula("EluGrad", { symbols: GRADIENT, flops: "3 * D" }),
];

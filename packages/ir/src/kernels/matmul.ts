import { kernel } from "../kernel.ts";
import type { TensorType } from "../types.ts";
import { activation, boolean, number, optional, string } from "./attribute-types.ts";
import { broadcast, einsumTerms } from "./shapes.ts";

const transposes = {
  transposeA: boolean,
  transposeB: boolean,
};

const productOfMatrices = {
  kind: "contraction",
  factors: ["b", "a"],
  pads: null,
  fused: "_FusedMatMul",
} as const;

/**
 * [..., m, k] × [..., k, n] → [..., m, n]. Attributes may transpose either; batch axes broadcast.
 */
function product(
  a: TensorType,
  b: TensorType,
  { transposeA, transposeB }: { transposeA: boolean; transposeB: boolean },
): [TensorType] {
  const [rows = 1, k = 1] = transposeA ? a.shape.slice(-2).reverse() : a.shape.slice(-2);
  const [inner = 1, columns = 1] = transposeB ? b.shape.slice(-2).reverse() : b.shape.slice(-2);
  if (k !== inner) throw new Error(`the inner dimensions ${k} and ${inner} differ`);
  const batch = broadcast(a.shape.slice(0, -2), b.shape.slice(0, -2));
  return [{ dtype: a.dtype, shape: [...batch, rows, columns] }];
}

export const batchMatMul = kernel("BatchMatMul", {
  operands: { a: "required", b: "required" },
  work: productOfMatrices,
  host: "wasm",
  attrs: transposes,
  infer: ({ a, b }, attrs) => product(a, b, attrs),
});

export const fusedMatMul = kernel("_FusedMatMul", {
  operands: {
    a: "required",
    b: "required",
    bias: "optional",
    preluActivationWeights: "optional",
  },
  work: productOfMatrices,
  host: "wasm unless transposed",
  attrs: {
    ...transposes,
    activation: activation,
    leakyreluAlpha: optional(number),
  },
  infer: ({ a, b }, attrs) => product(a, b, attrs),
});

function einsum(equation: string, operands: readonly TensorType[]): TensorType[] {
  const { inputs, output } = einsumTerms(equation);
  const lengths = new Map<string, number>();
  inputs.forEach((names, i) => {
    const shape = operands[i]?.shape ?? [];
    if (names.length !== shape.length) {
      throw new Error(`the term "${names}" does not fit the shape [${shape}]`);
    }
    for (const [axis, name] of [...names].entries()) {
      const length = shape[axis] ?? 1;
      const known = lengths.get(name);
      if (known !== undefined && known !== length) {
        throw new Error(`the axis "${name}" has the lengths ${known} and ${length}`);
      }
      lengths.set(name, length);
    }
  });
  return [
    { dtype: operands[0]?.dtype ?? "float32", shape: [...output].map((n) => lengths.get(n) ?? 1) },
  ];
}

export const einsumKernel = kernel("Einsum", {
  operands: "variadic",
  work: { kind: "contraction", factors: "all", pads: null, fused: null },
  host: "cpu",
  attrs: { equation: string },
  infer: (operands, { equation }) => einsum(equation, operands),
});

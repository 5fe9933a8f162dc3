import { elementAt } from "../element-at.ts";
import { kernel } from "../kernel.ts";
import type { TensorType } from "../types.ts";
import { counted } from "../wording.ts";
import { activation, boolean, number, optional, string } from "./attribute-types.ts";
import { broadcast, einsumTerms, lengthOf } from "./shapes.ts";

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
  const rows = lengthOf(a.shape, transposeA ? -1 : -2);
  const k = lengthOf(a.shape, transposeA ? -2 : -1);
  const inner = lengthOf(b.shape, transposeB ? -1 : -2);
  const columns = lengthOf(b.shape, transposeB ? -2 : -1);
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
  const [first] = operands;
  if (first === undefined || inputs.length !== operands.length) {
    const terms = counted(inputs.length, "term");
    throw new Error(`the equation has ${terms} for ${counted(operands.length, "operand")}`);
  }
  operands.forEach(({ shape }, i) => {
    const names = elementAt(inputs, i);
    if (names.length !== shape.length) {
      throw new Error(`the term "${names}" does not fit the shape [${shape}]`);
    }
    for (const [axis, name] of [...names].entries()) {
      const length = lengthOf(shape, axis);
      const known = lengths.get(name);
      if (known !== undefined && known !== length) {
        throw new Error(`the axis "${name}" has the lengths ${known} and ${length}`);
      }
      lengths.set(name, length);
    }
  });
  const shape = [...output].map((name) => {
    const length = lengths.get(name);
    if (length === undefined) throw new Error(`no input of the equation has the axis "${name}"`);
    return length;
  });
  return [{ dtype: first.dtype, shape }];
}

export const einsumKernel = kernel("Einsum", {
  operands: "variadic",
  work: { kind: "contraction", factors: "all", pads: null, fused: null },
  host: "cpu",
  attrs: { equation: string },
  infer: (operands, { equation }) => einsum(equation, operands),
});

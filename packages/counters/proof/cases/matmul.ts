import fc from "fast-check";
import type { CountingArithmetic } from "../counting-arithmetic.ts";
import {
  Accumulator,
  at,
  broadcastAt,
  type Dense,
  dense,
  fill,
  indicesOf,
  length,
  shapes,
} from "../dense.ts";
import { type Proof, proof } from "../proof.ts";
import { activate, PLAIN_ACTIVATIONS } from "./activation.ts";

interface Transposes {
  readonly transposeA: boolean;
  readonly transposeB: boolean;
}

/** Two matrices, or batches of them; a batch of one is broadcast. */
const products = fc
  .record({
    batch: shapes(0, 2),
    broadcasts: fc.constantFrom("neither" as const, "a" as const, "b" as const),
    sides: fc.tuple(length, length, length),
    attrs: fc.record({ transposeA: fc.boolean(), transposeB: fc.boolean() }),
  })
  .chain(({ batch, broadcasts, sides: [rows, inner, columns], attrs }) => {
    const matrix = (which: "a" | "b", rows: number, columns: number, transposed: boolean) => [
      ...(broadcasts === which ? batch.map(() => 1) : batch),
      ...(transposed ? [columns, rows] : [rows, columns]),
    ];
    return fc.record({
      operands: fc.record({
        a: dense(matrix("a", rows, inner, attrs.transposeA)),
        b: dense(matrix("b", inner, columns, attrs.transposeB)),
      }),
      attrs: fc.constant(attrs),
    });
  });

/** The element of a matrix of a batch, which may be transposed. */
function entry(
  matrix: Dense,
  transposed: boolean,
  batch: readonly number[],
  place: [number, number],
) {
  const [row, column] = place;
  return broadcastAt(matrix, [...batch, ...(transposed ? [column, row] : [row, column])]);
}

function multiply(n: CountingArithmetic, a: Dense, b: Dense, attrs: Transposes): Dense {
  const { transposeA, transposeB } = attrs;
  const inner = a.shape.at(transposeA ? -2 : -1) ?? 1;
  const rows = a.shape.at(transposeA ? -1 : -2) ?? 1;
  const columns = b.shape.at(transposeB ? -2 : -1) ?? 1;
  const batch = a.shape.slice(0, -2).map((d, axis) => Math.max(d, b.shape[axis] ?? 1));
  const shape = [...batch, rows, columns];
  const values = fill(shape, (index) => {
    const [row = 0, column = 0] = index.slice(-2);
    const place = index.slice(0, -2);
    let sum = 0;
    for (let k = 0; k < inner; k++) {
      const left = entry(a, transposeA, place, [row, k]);
      sum = n.mac(sum, left, entry(b, transposeB, place, [k, column]));
    }
    return sum;
  });
  return { dtype: "float32", shape, values };
}

const EQUATIONS = [
  "ij,jk->ik",
  "bij,bjk->bik",
  "bij,kj->bik",
  "bqhd,bkhd->bhqk",
  "i,j->ij",
  "ij,ij->",
  "ij,ij->ij",
  "ij,j->i",
  "ij->ji",
  "ij->i",
  "ij->",
  "ijk->kj",
];

/** The lengths of an equation's axes by name. */
function lengthsOf(equation: string, operands: readonly Dense[]): Map<string, number> {
  const [inputs = ""] = equation.split("->");
  const names = inputs.split(",");
  return new Map(
    operands.flatMap(({ shape }, i) =>
      shape.map((d, axis): [string, number] => [names[i]?.[axis] ?? "", d]),
    ),
  );
}

export const matmulProofs: readonly Proof[] = [
  proof("BatchMatMul", products, (n, { operands: { a, b }, attrs }) => [
    multiply(n, a, b, attrs).values,
  ]),
  proof(
    "_FusedMatMul",
    fc
      .record({
        run: products,
        activation: fc.constantFrom(...PLAIN_ACTIVATIONS, "leakyrelu" as const, "prelu" as const),
        hasBias: fc.boolean(),
      })
      .chain(({ run, activation, hasBias }) => {
        const columns = run.operands.b.shape.at(run.attrs.transposeB ? -2 : -1) ?? 1;
        return fc.record({
          operands: fc.record({
            a: fc.constant(run.operands.a),
            b: fc.constant(run.operands.b),
            ...(hasBias ? { bias: dense([columns]) } : {}),
            ...(activation === "prelu" ? { preluActivationWeights: dense([columns]) } : {}),
          }),
          attrs: fc.constant({
            ...run.attrs,
            activation,
            ...(activation === "leakyrelu" ? { leakyreluAlpha: 0.5 } : {}),
          }),
        });
      }),
    (n, { operands: { a, b, bias, preluActivationWeights }, attrs }) => {
      const y = multiply(n, a, b, attrs);
      return [
        fill(y.shape, (index) => {
          const product = at(y, ...index);
          const biased = bias === undefined ? product : n.add(product, broadcastAt(bias, index));
          const slope =
            preluActivationWeights === undefined
              ? attrs.leakyreluAlpha
              : broadcastAt(preluActivationWeights, index);
          return activate(n, attrs.activation, biased, slope);
        }),
      ];
    },
  ),
  proof(
    "Einsum",
    fc
      .tuple(fc.constantFrom(...EQUATIONS), fc.array(length, { minLength: 26, maxLength: 26 }))
      .chain(([equation, lengths]) => {
        const [inputs = ""] = equation.split("->");
        const shape = (names: string) =>
          [...names].map((name) => lengths[name.charCodeAt(0) - 97] ?? 1);
        return fc.record({
          operands: fc.tuple(...inputs.split(",").map((names) => dense(shape(names)))),
          attrs: fc.constant({ equation }),
        });
      }),
    (n, { operands, attrs: { equation } }) => {
      const [inputs = "", output = ""] = equation.split("->");
      const names = inputs.split(",");
      const lengths = lengthsOf(equation, operands);
      const axes = [...lengths.keys()];
      const result = new Accumulator([...output].map((name) => lengths.get(name) ?? 1));
      const started = new Set<string>();
      const sums = axes.some((name) => !output.includes(name));
      for (const index of indicesOf([...lengths.values()])) {
        const pick = (term: string) => [...term].map((name) => index[axes.indexOf(name)] ?? 0);
        const [first = 0, second] = operands.map((operand, i) =>
          at(operand, ...pick(names[i] ?? "")),
        );
        const place = pick(output);
        // Without a second factor there is no product; without an index to sum over, no sum.
        const isFirst = !started.has(place.join());
        started.add(place.join());
        result.update(place, (sum) => {
          if (second !== undefined) return sums ? n.mac(sum, first, second) : n.mul(first, second);
          return isFirst ? first : n.add(sum, first);
        });
      }
      return [result.values];
    },
  ),
];

import type { DType, KernelName, Shape } from "@opcounter/ir";
import fc from "fast-check";
import type { CountingArithmetic } from "../counting-arithmetic.ts";
import {
  type Dense,
  dense,
  distinct,
  fill,
  indicesOf,
  maybeEmptyShapes,
  offsetOf,
  shapes,
} from "../dense.ts";
import { type Proof, proof, type Run } from "../proof.ts";

type Join = (n: CountingArithmetic, a: number, b: number) => number;

/** The axes of a reduction: all, one, or some, counted from either end. */
function axesOf({ length: rank }: Shape): fc.Arbitrary<number | number[] | null> {
  if (rank === 0) return fc.constant(null);
  const one = fc.integer({ min: -rank, max: rank - 1 });
  return fc.oneof(
    fc.constant(null),
    one,
    fc.subarray(
      Array.from({ length: rank }, (_, axis) => axis),
      { minLength: 1 },
    ),
  );
}

/** The elements that end up in each element of the result, in order. */
function groupsOf(x: Dense, axis: number | readonly number[] | null): number[][] {
  const rank = x.shape.length;
  const all = axis === null ? x.shape.map((_, i) => i) : [axis].flat();
  const reduced = new Set(all.map((i) => (i < 0 ? i + rank : i)));
  const kept = x.shape.map((d, i) => (reduced.has(i) ? 1 : d));
  const groups = fill(kept, () => 0).map((): number[] => []);
  let position = 0;
  for (const index of indicesOf(x.shape)) {
    const place = index.map((i, axis) => (reduced.has(axis) ? 0 : i));
    groups[offsetOf(kept, place)]?.push(x.values[position] ?? 0);
    position++;
  }
  return groups;
}

/** Joins elements two by two; of none there is nothing to join. */
function joined(n: CountingArithmetic, values: readonly number[], identity: number, join: Join) {
  const [first = identity, ...others] = values;
  return others.reduce((sum, value) => join(n, sum, value), first);
}

function runsOf(
  operand: (shape: Shape) => fc.Arbitrary<Dense>,
  shapes: fc.Arbitrary<number[]>,
): fc.Arbitrary<Run<"Sum">> {
  return shapes.chain((shape) =>
    fc.record({
      operands: fc.record({ x: operand(shape) }),
      attrs: fc.record({ axis: axesOf(shape), keepDims: fc.boolean() }),
    }),
  );
}

interface Reduction {
  readonly identity: number;
  readonly join: Join;
  readonly dtype?: DType;
  readonly shapes?: fc.Arbitrary<number[]>;
}

function reduction(kernel: KernelName, { identity, join, dtype, shapes }: Reduction): Proof {
  const operand = (shape: Shape) => dense(shape, dtype);
  const runs = runsOf(operand, shapes ?? maybeEmptyShapes(0, 4));
  // As Sum, since these kernels take one x and the same attributes; the verifier checks that.
  const { executions } = proof("Sum", runs, (n, { operands: { x }, attrs: { axis } }) => [
    groupsOf(x, axis).map((values) => joined(n, values, identity, join)),
  ]);
  return { kernel, executions };
}

const and: Join = (n, a, b) => Number(n.test(a !== 0 && b !== 0));
const or: Join = (n, a, b) => Number(n.test(a !== 0 || b !== 0));

function position(kernel: "ArgMax" | "ArgMin", isBetter: (a: number, b: number) => boolean): Proof {
  const runs = shapes(1, 4).chain((shape) =>
    fc.record({
      operands: fc.record({ x: distinct(shape) }),
      attrs: fc.record({ axis: fc.integer({ min: 0, max: shape.length - 1 }) }),
    }),
  );
  return proof(kernel, runs, (n, { operands: { x }, attrs: { axis } }) => [
    groupsOf(x, axis).map((values) =>
      values.reduce(
        (best, value, i) =>
          i > 0 && n.test(isBetter(value, values[best] ?? Number.NaN)) ? i : best,
        0,
      ),
    ),
  ]);
}

/** Running sums and products: each element of a row joined with those before it. */
function scan(kernel: "Cumsum" | "Cumprod", identity: number, join: Join): Proof {
  const runs = shapes(1, 4).chain((shape) =>
    fc.record({
      operands: fc.record({ x: dense(shape) }),
      attrs: fc.record({
        axis: fc.integer({ min: 0, max: shape.length - 1 }),
        exclusive: fc.boolean(),
        reverse: fc.boolean(),
      }),
    }),
  );
  return proof(kernel, runs, (n, { operands: { x }, attrs: { axis, exclusive, reverse } }) => {
    const kept = x.shape.map((d, i) => (i === axis ? 1 : d));
    const rows = groupsOf(x, axis).map((row) =>
      scanned(n, row, { exclusive, reverse, identity, join }),
    );
    return [
      fill(x.shape, (index) => {
        const row =
          rows[
            offsetOf(
              kept,
              index.map((i, at) => (at === axis ? 0 : i)),
            )
          ];
        return row?.[index[axis] ?? 0] ?? Number.NaN;
      }),
    ];
  });
}

interface Scan {
  readonly exclusive: boolean;
  readonly reverse: boolean;
  readonly identity: number;
  readonly join: Join;
}

function scanned(n: CountingArithmetic, row: readonly number[], scan: Scan): number[] {
  const { exclusive, reverse, identity, join } = scan;
  const elements = reverse ? row.toReversed() : row;
  const sums: number[] = [];
  // Without its last element, an exclusive scan is an inclusive one that begins one place later.
  for (const element of exclusive ? elements.slice(0, -1) : elements) {
    const before = sums.at(-1);
    sums.push(before === undefined ? element : join(n, before, element));
  }
  const result = exclusive ? [identity, ...sums] : sums;
  return reverse ? result.reverse() : result;
}

export const reductionProofs: readonly Proof[] = [
  reduction("Sum", { identity: 0, join: (n, a, b) => n.add(a, b) }),
  // Products of many elements would leave the range of float32.
  reduction("Prod", {
    identity: 1,
    join: (n, a, b) => n.mul(a, b),
    shapes: maybeEmptyShapes(0, 2),
  }),
  reduction("Min", { identity: 0, join: (n, a, b) => n.min(a, b), shapes: shapes(0, 4) }),
  // TensorFlow.js's cpu kernels hold that not all of no elements are true, and their mean is 0.
  reduction("All", { identity: 1, join: and, dtype: "bool", shapes: shapes(0, 4) }),
  reduction("Any", { identity: 0, join: or, dtype: "bool" }),
  proof(
    "Max",
    runsOf(dense, shapes(0, 4)).map(({ operands, attrs: { axis, keepDims } }) => ({
      operands,
      attrs: { reductionIndices: axis, keepDims },
    })),
    (n, { operands: { x }, attrs: { reductionIndices } }) => [
      groupsOf(x, reductionIndices).map((values) => joined(n, values, 0, (n, a, b) => n.max(a, b))),
    ],
  ),
  proof("Mean", runsOf(dense, shapes(0, 4)), (n, { operands: { x }, attrs: { axis } }) => [
    groupsOf(x, axis).map((values) =>
      n.div(
        joined(n, values, 0, (n, a, b) => n.add(a, b)),
        values.length,
      ),
    ),
  ]),
  position("ArgMax", (a, b) => a > b),
  position("ArgMin", (a, b) => a < b),
  scan("Cumsum", 0, (n, a, b) => n.add(a, b)),
  scan("Cumprod", 1, (n, a, b) => n.mul(a, b)),
  proof(
    "Softmax",
    shapes(1, 4).chain((shape) =>
      fc.record({
        operands: fc.record({ logits: dense(shape) }),
        attrs: fc.constant({ dim: shape.length - 1 }),
      }),
    ),
    (n, { operands: { logits } }) => [groupsOf(logits, -1).flatMap((row) => softmax(n, row))],
  ),
];

/** Shares of one by size, computed so that no power overflows. */
export function softmax(n: CountingArithmetic, row: readonly number[]): number[] {
  const most = joined(n, row, 0, (n, a, b) => n.max(a, b));
  const powers = row.map((x) => n.transcendental(Math.exp(n.sub(x, most))));
  const sum = joined(n, powers, 0, (n, a, b) => n.add(a, b));
  return powers.map((power) => n.div(power, sum));
}

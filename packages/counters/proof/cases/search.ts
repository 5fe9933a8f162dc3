import fc from "fast-check";
import type { CountingArithmetic } from "../counting-arithmetic.ts";
import {
  Accumulator,
  at,
  type Dense,
  dense,
  denseWith,
  distinct,
  fill,
  length,
  shapes,
} from "../dense.ts";
import { type Proof, proof } from "../proof.ts";
import { softmax } from "./reduction.ts";

/** Merge sort, stable; `compare` tallies its comparisons. */
export function sorted<T>(items: readonly T[], compare: (a: T, b: T) => number): T[] {
  if (items.length < 2) return [...items];
  const half = items.length >> 1;
  const left = sorted(items.slice(0, half), compare);
  const right = sorted(items.slice(half), compare);
  const result: T[] = [];
  let [i, j] = [0, 0];
  while (i < left.length && j < right.length) {
    const [a, b] = [left[i], right[j]];
    if (a === undefined || b === undefined) break;
    if (compare(a, b) <= 0) {
      result.push(a);
      i++;
    } else {
      result.push(b);
      j++;
    }
  }
  return [...result, ...left.slice(i), ...right.slice(j)];
}

/** How many of the first elements of a sorted list are before a place, found by halving. */
export function countBefore(length: number, isBefore: (position: number) => boolean): number {
  let [low, high] = [0, length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (isBefore(middle)) low = middle + 1;
    else high = middle;
  }
  return low;
}

function rowsOf({ shape, values }: Dense): number[][] {
  const width = shape.at(-1) ?? 1;
  const count = width === 0 ? 0 : values.length / width;
  return Array.from({ length: count }, (_, row) => values.slice(row * width, (row + 1) * width));
}

const topKs = shapes(1, 3).chain((shape) =>
  fc.record({
    operands: fc.record({ x: distinct(shape) }),
    attrs: fc.record({
      k: fc.integer({ min: 1, max: shape.at(-1) ?? 1 }),
      sorted: fc.constant(true),
    }),
  }),
);

/** A few different values, so that many are equal. */
const uniques = shapes(1, 3).chain((shape) =>
  fc.record({
    operands: fc.record({ x: denseWith(shape, "float32", (random) => random(3)) }),
    attrs: fc.record({ axis: fc.integer({ min: 0, max: shape.length - 1 }) }),
  }),
);

/** The slices of a tensor along an axis, each as its elements in order. */
function slicesAlong(x: Dense, axis: number): number[][] {
  const slices: number[][] = Array.from({ length: x.shape[axis] ?? 0 }, () => []);
  fill(x.shape, (index) => slices[index[axis] ?? 0]?.push(at(x, ...index)) ?? 0);
  return slices;
}

/** Which of two slices comes first, by the first elements that differ. */
function compareSlices(n: CountingArithmetic, a: readonly number[], b: readonly number[]): number {
  for (const [i, element] of a.entries()) {
    const order = n.compare(element, b[i] ?? Number.NaN);
    if (order !== 0) return order;
  }
  return 0;
}

interface Counting {
  readonly x: Dense;
  readonly weights: Dense;
}

/** How often each value below `size` is there, weighted; others are left out. */
function bins(
  n: CountingArithmetic,
  { x, weights }: Counting,
  size: number,
  binaryOutput = false,
): readonly number[] {
  const counts = new Accumulator([...x.shape.slice(0, -1), size]);
  fill(x.shape, (index) => {
    const value = at(x, ...index);
    if (value >= size) return 0;
    const weight = weights.values.length === 0 ? 1 : at(weights, ...index);
    counts.update([...index.slice(0, -1), value], (sum) => (binaryOutput ? 1 : n.add(sum, weight)));
    return 0;
  });
  return counts.values;
}

const countings = (minRank: number, maxRank: number) =>
  shapes(minRank, maxRank).chain((shape) =>
    fc.record({
      x: denseWith(shape, "int32", (random) => random(6)),
      weights: fc.oneof(
        dense(shape),
        fc.constant<Dense>({ dtype: "float32", shape: [0], values: [] }),
      ),
    }),
  );

export const searchProofs: readonly Proof[] = [
  proof("TopK", topKs, (n, { operands: { x }, attrs: { k } }) => {
    const rows = rowsOf(x).map((row) => {
      const order = sorted([...row.keys()], (i, j) => n.compare(row[j] ?? 0, row[i] ?? 0));
      return order.slice(0, k).map((place) => ({ place, value: row[place] ?? Number.NaN }));
    });
    return [
      rows.flatMap((row) => row.map(({ value }) => value)),
      rows.flatMap((row) => row.map(({ place }) => place)),
    ];
  }),
  proof("Unique", uniques, (n, { operands: { x }, attrs: { axis } }) => {
    const slices = slicesAlong(x, axis);
    const compare = (i: number, j: number) => compareSlices(n, slices[i] ?? [], slices[j] ?? []);
    const order = sorted([...slices.keys()], compare);
    // Equal slices are neighbours now, the first of them in front.
    const representative = new Map<number, number>();
    order.forEach((slice, i) => {
      const before = order[i - 1];
      const isNew = before === undefined || compare(before, slice) !== 0;
      representative.set(slice, isNew ? slice : (representative.get(before) ?? before));
    });
    const kept = [...slices.keys()].filter((slice) => representative.get(slice) === slice);
    const shape = x.shape.with(axis, kept.length);
    return [
      fill(shape, (index) => at(x, ...index.with(axis, kept[index[axis] ?? 0] ?? 0))),
      [...slices.keys()].map((slice) => kept.indexOf(representative.get(slice) ?? slice)),
    ];
  }),
  proof(
    "SearchSorted",
    fc.tuple(length, length, length).chain(([batch, sequence, values]) =>
      fc.record({
        operands: fc.record({
          sortedSequence: dense([batch, sequence]).map((x) => ({
            ...x,
            values: rowsOf(x).flatMap((row) => row.toSorted((a, b) => a - b)),
          })),
          values: dense([batch, values]),
        }),
        attrs: fc.record({ side: fc.constantFrom("left" as const, "right" as const) }),
      }),
    ),
    (n, { operands: { sortedSequence, values }, attrs: { side } }) => {
      const rows = rowsOf(sortedSequence);
      return [
        fill(values.shape, (index) => {
          const row = rows[index[0] ?? 0] ?? [];
          const value = at(values, ...index);
          return countBefore(row.length, (position) => {
            const element = row[position] ?? Number.NaN;
            return side === "left" ? n.less(element, value) : !n.less(value, element);
          });
        }),
      ];
    },
  ),
  proof(
    "Bincount",
    fc.record({ operands: countings(1, 1), attrs: fc.record({ size: length }) }),
    (n, { operands, attrs: { size } }) => [bins(n, operands, size)],
  ),
  proof(
    "DenseBincount",
    fc.record({
      operands: countings(2, 2),
      attrs: fc.record({ size: length, binaryOutput: fc.boolean() }),
    }),
    (n, { operands, attrs: { size, binaryOutput } }) => [bins(n, operands, size, binaryOutput)],
  ),
  proof(
    "Multinomial",
    fc.record({ rows: length, classes: length, normalized: fc.boolean() }).chain((drawn) =>
      fc.record({
        operands: fc.record({ logits: certainties(drawn) }),
        attrs: fc.record({
          numSamples: length,
          seed: fc.constant(7),
          normalized: fc.constant(drawn.normalized),
        }),
      }),
    ),
    (n, { operands: { logits }, attrs: { numSamples, normalized } }) => [
      rowsOf(logits).flatMap((row) => {
        const sums: number[] = [];
        for (const share of normalized ? row : softmax(n, row)) {
          const before = sums.at(-1);
          sums.push(before === undefined ? share : n.add(before, share));
        }
        // Any sample in (0, 1) finds the class that has all the probability.
        return Array.from({ length: numSamples }, () => sums.findIndex((sum) => n.less(0.5, sum)));
      }),
    ],
  ),
];

/** Rows in which one class is certain, so that no result depends on the random generator. */
function certainties({
  rows,
  classes,
  normalized,
}: {
  readonly rows: number;
  readonly classes: number;
  readonly normalized: boolean;
}): fc.Arbitrary<Dense> {
  const certain = normalized ? 1 : 200;
  return fc.array(fc.nat(classes - 1), { minLength: rows, maxLength: rows }).map((chosen) => ({
    dtype: "float32",
    shape: [rows, classes],
    values: chosen.flatMap((at) =>
      Array.from({ length: classes }, (_, i) => (i === at ? certain : 0)),
    ),
  }));
}

import fc from "fast-check";
import type { CountingArithmetic } from "../counting-arithmetic.ts";
import { Accumulator, at, type Dense, dense, denseWith, fill, length, shapes } from "../dense.ts";
import { moves, type Proof, proof } from "../proof.ts";
import { indices, marked, PLACES } from "./data-movement.ts";

/** Rows of a tensor that are picked by index and added up by segment. */
const segments = fc
  .record({ rest: shapes(0, 2), rows: length, count: fc.integer({ min: 1, max: 6 }) })
  .chain(({ rest, rows, count }) =>
    fc.record({
      operands: fc.record({
        data: dense([rows, ...rest]),
        indices: denseWith([count], "int32", (random) => random(rows)),
        // Never falling; some segments may be left out.
        segmentIds: denseWith([count], "int32", (random) => random(5)).map((ids) => ({
          ...ids,
          values: ids.values.toSorted((a, b) => a - b),
        })),
      }),
      attrs: fc.constant({}),
    }),
  );

interface Segments {
  readonly data: Dense;
  readonly indices: Dense;
  readonly segmentIds: Dense;
}

/** The sum of each segment, and how many rows it has. */
function sums(n: CountingArithmetic, { data, indices, segmentIds }: Segments) {
  const count = (segmentIds.values.at(-1) ?? -1) + 1;
  const result = new Accumulator([count, ...data.shape.slice(1)]);
  const rows = new Accumulator([count]);
  segmentIds.values.forEach((segment, i) => {
    rows.update([segment], (count) => count + 1);
    fill(data.shape.slice(1), (column) => {
      const value = at(data, at(indices, i), ...column);
      result.update([segment, ...column], (sum) => n.add(sum, value));
      return 0;
    });
  });
  return { result, rows };
}

/** Where each of `rows` rows begins and the last one ends: rows of one value each. */
function splitsOf(rows: number): Dense {
  return { dtype: "int32", shape: [rows + 1], values: PLACES.slice(0, rows + 1) };
}

function vector(...values: readonly number[]): Dense {
  return { dtype: "int32", shape: [values.length], values };
}

export const sparseProofs: readonly Proof[] = [
  moves(
    "SparseToDense",
    length.chain((count) =>
      fc.record({
        operands: fc.record({
          // In order and without repetition, as the kernel wants them.
          sparseIndices: fc.constant({ ...vector(...PLACES.slice(0, count)), shape: [count, 1] }),
          sparseValues: marked([count]),
          defaultValue: marked([]),
        }),
        attrs: fc.constant({ outputShape: [6] }),
      }),
    ),
  ),
  moves(
    "SparseFillEmptyRows",
    length.chain((count) =>
      fc.record({
        operands: fc.record({
          indices: indices([count, 2], 3),
          values: marked([count]),
          denseShape: fc.constant(vector(4, 3)),
          defaultValue: marked([]),
        }),
        attrs: fc.constant({}),
      }),
    ),
    () => PLACES,
  ),
  moves(
    "RaggedGather",
    fc.record({ rows: length, count: length }).chain(({ rows, count }) =>
      fc.record({
        operands: fc.record({
          paramsNestedSplits: fc.constant([splitsOf(rows)]),
          paramsDenseValues: marked([rows]),
          indices: indices([count], rows),
        }),
        attrs: fc.constant({ outputRaggedRank: 1 }),
      }),
    ),
    () => PLACES,
  ),
  moves(
    "RaggedTensorToTensor",
    length.chain((rows) =>
      fc.record({
        operands: fc.record({
          shape: fc.constant(vector(rows, 2)),
          values: marked([rows]),
          defaultValue: marked([]),
          rowPartitionTensors: fc.constant([splitsOf(rows)]),
        }),
        attrs: fc.constant({ rowPartitionTypes: ["ROW_SPLITS"] }),
      }),
    ),
  ),
  proof(
    "ScatterNd",
    fc.record({ shape: shapes(1, 3), count: length }).chain(({ shape, count }) =>
      fc.integer({ min: 1, max: shape.length }).chain((depth) =>
        fc.record({
          operands: fc.record({
            indices: denseWith([count, depth], "int32", (random, i) =>
              random(shape[i % depth] ?? 1),
            ),
            updates: dense([count, ...shape.slice(depth)]),
          }),
          attrs: fc.constant({ shape }),
        }),
      ),
    ),
    (n, { operands: { indices, updates }, attrs: { shape } }) => {
      const result = new Accumulator(shape);
      const depth = indices.shape[1] ?? 1;
      fill(updates.shape, ([update = 0, ...rest]) => {
        const place = Array.from({ length: depth }, (_, axis) => at(indices, update, axis));
        const value = at(updates, update, ...rest);
        result.update([...place, ...rest], (sum) => n.add(sum, value));
        return 0;
      });
      return [result.values];
    },
  ),
  proof(
    "UnsortedSegmentSum",
    fc.record({ shape: shapes(1, 3), numSegments: length }).chain(({ shape, numSegments }) =>
      fc.record({
        operands: fc.record({
          x: dense(shape),
          segmentIds: denseWith([shape[0] ?? 1], "int32", (random) => random(numSegments)),
        }),
        attrs: fc.constant({ numSegments }),
      }),
    ),
    (n, { operands: { x, segmentIds }, attrs: { numSegments } }) => {
      const result = new Accumulator([numSegments, ...x.shape.slice(1)]);
      fill(x.shape, ([row = 0, ...rest]) => {
        const value = at(x, row, ...rest);
        result.update([at(segmentIds, row), ...rest], (sum) => n.add(sum, value));
        return 0;
      });
      return [result.values];
    },
  ),
  proof("SparseSegmentSum", segments, (n, { operands }) => [sums(n, operands).result.values]),
  proof("SparseSegmentMean", segments, (n, { operands }) => {
    const { result, rows } = sums(n, operands);
    return [
      fill(result.shape, (index) => {
        const sum = at({ dtype: "float32", ...result }, ...index);
        const count = rows.values[index[0] ?? 0] ?? 0;
        return count === 0 ? 0 : n.div(sum, count);
      }),
    ];
  }),
  proof(
    "RaggedRange",
    length.chain((rows) =>
      fc.record({
        operands: fc.record({
          starts: denseWith([rows], "int32", (random) => random(9) - 4),
          limits: denseWith([rows], "int32", (random) => random(15) - 4),
          deltas: denseWith([rows], "int32", (random) => 1 + random(3)),
        }),
        attrs: fc.constant({}),
      }),
    ),
    (n, { operands: { starts, limits, deltas } }) => {
      const splits = [0];
      const values: number[] = [];
      starts.values.forEach((start, row) => {
        const delta = at(deltas, row);
        const count = Math.max(0, Math.ceil((at(limits, row) - start) / delta));
        for (let i = 0; i < count; i++) values.push(n.add(start, n.mul(i, delta)));
        splits.push(values.length);
      });
      return [splits, values];
    },
  ),
];

import * as tf from "@tensorflow/tfjs";
import fc from "fast-check";
import {
  axisOf,
  type KernelCase,
  maybeEmptyShapeOf,
  numeric,
  runKernel,
  running,
  shapeAndAxis,
  shapeOf,
  tensor,
  unlessTfjsThrows,
} from "./kernel-case.ts";

const few = fc.integer({ min: 1, max: 3 });
const padding = fc.tuple(fc.integer({ min: 0, max: 2 }), fc.integer({ min: 0, max: 2 }));

/** A shape and, for each of its axes, something drawn from that axis's length. */
function perAxis<T>(
  minRank: number,
  maxRank: number,
  draw: (length: number) => fc.Arbitrary<T>,
): fc.Arbitrary<{ shape: number[]; values: T[] }> {
  return shapeOf(minRank, maxRank).chain((shape) =>
    fc.record({ shape: fc.constant(shape), values: fc.tuple(...shape.map(draw)) }),
  );
}

function permutationOf(rank: number): fc.Arbitrary<number[]> {
  return fc.shuffledSubarray(
    Array.from({ length: rank }, (_, axis) => axis),
    { minLength: rank },
  );
}

export const dataMovementCases: Record<string, KernelCase> = {
  Identity: running(maybeEmptyShapeOf(0, 4), (shape) => {
    tf.clone(tensor(shape));
  }),
  Reshape: running(fc.tuple(shapeOf(1, 4), fc.boolean()), ([shape, isOpen]) => {
    tf.reshape(tensor(shape), isOpen ? [-1] : [...shape, 1].reverse());
  }),
  ExpandDims: running(fc.tuple(shapeOf(1, 4), fc.integer({ min: -2, max: 1 })), ([shape, axis]) => {
    tf.expandDims(tensor(shape), axis);
  }),
  Concat: running(
    fc.tuple(shapeAndAxis(1, 4), fc.array(few, { minLength: 2, maxLength: 4 })),
    ([{ shape, axis }, lengths]) => {
      const at = axis < 0 ? axis + shape.length : axis;
      const parts = lengths.map((length) => tensor(shape.map((d, i) => (i === at ? length : d))));
      tf.concat(parts, at);
      tf.concat(
        parts.map((part) => tf.reshape(part, [...part.shape, 1])),
        at,
      );
    },
  ),
  Pack: running(fc.tuple(shapeOf(0, 3), few, fc.nat(3)), ([shape, count, axis]) => {
    const parts = Array.from({ length: count }, () => tensor(shape));
    tf.stack(parts, Math.min(axis, shape.length));
  }),
  Unpack: running(shapeAndAxis(), ({ shape, axis }) => {
    tf.unstack(tensor(shape), axis);
  }),
  SplitV: running(
    fc.tuple(shapeAndAxis(), few, fc.boolean()),
    ([{ shape, axis }, parts, bySizes]) => {
      const at = axis < 0 ? axis + shape.length : axis;
      const x = tensor(shape.map((d, i) => (i === at ? d * parts : d)));
      const size = shape[at] ?? 1;
      tf.split(
        x,
        bySizes
          ? Array.from({ length: parts }, (_, i) => (i === parts - 1 && parts > 1 ? -1 : size))
          : parts,
        at,
      );
    },
  ),
  Slice: running(
    perAxis(1, 4, (length) =>
      fc
        .tuple(fc.nat(length), fc.nat(length), fc.boolean())
        .map(([a, b, toEnd]) => ({ begin: Math.min(a, b), size: toEnd ? -1 : Math.abs(a - b) })),
    ),
    ({ shape, values }) => {
      tf.slice(
        tensor(shape),
        values.map(({ begin }) => begin),
        values.map(({ size }) => size),
      );
    },
  ),
  StridedSlice: running(
    fc.tuple(
      perAxis(1, 4, (length) =>
        fc.record({
          begin: fc.integer({ min: -length, max: length - 1 }),
          end: fc.integer({ min: -length, max: length }),
          stride: fc.constantFrom(1, 2, -1, -2),
        }),
      ),
      fc.record({ begin: fc.nat(15), end: fc.nat(15), newAxis: fc.nat(15), shrink: fc.nat(15) }),
      fc.option(fc.nat(3)),
    ),
    ([{ shape, values }, masks, ellipsis]) => {
      const rank = values.length;
      const ellipsisMask = ellipsis === null || ellipsis >= rank ? 0 : 1 << ellipsis;
      const newAxisMask = masks.newAxis & ~ellipsisMask;
      // What is inserted or stands for several axes cannot be dropped, and a dropped axis is one place.
      const shrinkMask = masks.shrink & ~ellipsisMask & ~newAxisMask;
      const isShrunk = (i: number) => (shrinkMask & (1 << i)) !== 0;
      // Some combinations of masks and empty ranges.
      const words = /out of range|must match the product|out of bounds|Negative size/;
      unlessTfjsThrows(words, () => {
        tf.stridedSlice(
          tensor(shape),
          values.map(({ begin }, i) => (isShrunk(i) ? 0 : begin)),
          values.map(({ end }, i) => (isShrunk(i) ? 1 : end)),
          values.map(({ stride }, i) => (isShrunk(i) ? 1 : stride)),
          masks.begin & ~shrinkMask,
          masks.end & ~shrinkMask,
          ellipsisMask,
          newAxisMask,
          shrinkMask,
        );
      });
    },
  ),
  Transpose: running(
    shapeOf(1, 4).chain((shape) => fc.tuple(fc.constant(shape), permutationOf(shape.length))),
    ([shape, permutation]) => {
      tf.transpose(tensor(shape), permutation);
    },
  ),
  Reverse: running(shapeAndAxis(), ({ shape, axis }) => {
    tf.reverse(tensor(shape), axis);
  }),
  Tile: running(
    perAxis(1, 4, () => few),
    ({ shape, values }) => {
      tf.tile(tensor(shape), values);
    },
  ),
  BroadcastArgs: running(fc.tuple(few, few), ([a, b]) => {
    const shape = (rank: number) => tf.ones([rank], "int32");
    runKernel("BroadcastArgs", { s0: shape(a), s1: shape(b) });
  }),
  PadV2: running(
    perAxis(1, 4, () => padding),
    ({ shape, values }) => {
      tf.pad(tensor(shape), values, 1);
    },
  ),
  MirrorPad: running(
    perAxis(1, 4, (length) => fc.tuple(fc.nat(length - 1), fc.nat(length - 1))),
    ({ shape, values }) => {
      tf.mirrorPad(tensor(shape), values, "reflect");
      tf.mirrorPad(tensor(shape), values, "symmetric");
    },
  ),
  GatherV2: running(fc.tuple(shapeAndAxis(1, 3), shapeOf(0, 2)), ([{ shape, axis }, indices]) => {
    tf.gather(tensor(shape), tensor(indices, "int32"), axis < 0 ? axis + shape.length : axis);
  }),
  GatherNd: running(
    fc.tuple(shapeOf(1, 3), shapeOf(1, 2), fc.integer({ min: 1, max: 3 })),
    ([shape, indices, depth]) => {
      const inner = Math.min(depth, shape.length);
      tf.gatherND(tensor(shape), tensor([...indices, inner], "int32"));
    },
  ),
  ScatterNd: running(fc.tuple(shapeOf(1, 3), few), ([shape, count]) => {
    const updates = tensor([count, ...shape.slice(1)]);
    tf.scatterND(tensor([count, 1], "int32"), updates, shape);
  }),
  TensorScatterUpdate: running(fc.tuple(shapeOf(1, 3), few), ([shape, count]) => {
    const updates = tensor([count, ...shape.slice(1)]);
    tf.tensorScatterUpdate(tensor(shape), tensor([count, 1], "int32"), updates);
  }),
  BatchToSpaceND: running(fc.tuple(few, few, few, few), ([batch, height, width, channels]) => {
    const x = tensor<tf.Rank.R4>([batch * 4, height + 1, width + 1, channels]);
    tf.batchToSpaceND(
      x,
      [2, 2],
      [
        [1, 0],
        [0, 1],
      ],
    );
  }),
  SpaceToBatchND: running(fc.tuple(few, few, few, few), ([batch, height, width, channels]) => {
    const x = tensor<tf.Rank.R4>([batch, height * 2, width * 2 - 1, channels]);
    tf.spaceToBatchND(
      x,
      [2, 2],
      [
        [1, 1],
        [0, 1],
      ],
    );
  }),
  Diag: running(shapeOf(1, 2), (shape) => {
    tf.diag(tensor(shape));
  }),
  Fill: running(fc.tuple(maybeEmptyShapeOf(0, 4), numeric), ([shape, dtype]) => {
    tf.fill(shape, 1, dtype);
  }),
  LinSpace: running(few, (count) => {
    tf.linspace(0, 5, count);
  }),
  Range: running(
    fc.tuple(
      fc.integer({ min: -5, max: 5 }),
      fc.integer({ min: -5, max: 5 }),
      fc.constantFrom(1, 2, 0.5),
    ),
    ([start, stop, step]) => {
      tf.range(start, stop, start <= stop ? step : -step);
    },
  ),
  OneHot: running(
    fc.tuple(shapeOf(0, 3), fc.integer({ min: 2, max: 4 }), numeric),
    ([shape, depth, dtype]) => {
      tf.oneHot(tensor(shape, "int32"), depth, 1, 0, dtype);
    },
  ),
  OnesLike: running(fc.tuple(maybeEmptyShapeOf(0, 4), numeric), ([shape, dtype]) => {
    tf.onesLike(tensor(shape, dtype));
  }),
  ZerosLike: running(fc.tuple(maybeEmptyShapeOf(0, 4), numeric), ([shape, dtype]) => {
    tf.zerosLike(tensor(shape, dtype));
  }),
};

const axes = shapeOf(1, 4).chain((shape) =>
  fc.record({
    shape: fc.constant(shape),
    axis: fc.option(
      fc.uniqueArray(axisOf(shape), {
        minLength: 1,
        selector: (axis) => (axis + shape.length) % shape.length,
      }),
    ),
    keepDims: fc.boolean(),
  }),
);

type Reduce = (x: tf.Tensor, axis?: number | number[], keepDims?: boolean) => tf.Tensor;

function reduction(reduce: Reduce, dtype: "float32" | "bool" = "float32"): KernelCase {
  return running(axes, ({ shape, axis, keepDims }) => {
    reduce(tensor(shape, dtype), axis ?? undefined, keepDims);
  });
}

/** Axes counted from the start: tfjs's scans do not take others. */
const alongAxis = (run: (x: tf.Tensor, axis: number) => void) =>
  running(shapeAndAxis(), ({ shape, axis }) =>
    run(tensor(shape), axis < 0 ? axis + shape.length : axis),
  );

export const reductionCases: Record<string, KernelCase> = {
  All: reduction(tf.all, "bool"),
  Any: reduction(tf.any, "bool"),
  Max: reduction(tf.max),
  Mean: reduction(tf.mean),
  Min: reduction(tf.min),
  Prod: reduction(tf.prod),
  Sum: reduction(tf.sum),
  ArgMax: alongAxis((x, axis) => void tf.argMax(x, axis)),
  ArgMin: alongAxis((x, axis) => void tf.argMin(x, axis)),
  Cumsum: alongAxis((x, axis) => void tf.cumsum(x, axis, true, true)),
  Cumprod: alongAxis((x, axis) => void tf.cumprod(x, axis)),
  Softmax: running(shapeOf(1, 4), (shape) => {
    tf.softmax(tensor(shape));
  }),
  Bincount: running(fc.tuple(few, few), ([count, size]) => {
    tf.bincount(tensor<tf.Rank.R1>([count], "int32"), tensor<tf.Rank.R1>([count]), size);
  }),
  DenseBincount: running(fc.tuple(few, few, few, fc.boolean()), ([rows, count, size, binary]) => {
    const x = tensor<tf.Rank.R2>([rows, count], "int32");
    tf.denseBincount(x, tensor<tf.Rank.R2>([rows, count]), size, binary);
  }),
  TopK: running(fc.tuple(shapeOf(1, 3), fc.boolean()), ([shape, sorted]) => {
    tf.topk(tensor(shape), Math.min(2, shape.at(-1) ?? 1), sorted);
  }),
  Unique: alongAxis((x, axis) => void tf.unique(x, axis)),
  SearchSorted: running(fc.tuple(few, few, few), ([rows, length, count]) => {
    tf.searchSorted(tensor([rows, length]), tensor([rows, count]), "right");
  }),
  UnsortedSegmentSum: running(fc.tuple(shapeOf(1, 3), few), ([shape, segments]) => {
    const [rows = 1] = shape;
    tf.unsortedSegmentSum(tensor(shape), tensor<tf.Rank.R1>([rows], "int32"), segments);
  }),
  Multinomial: running(
    fc.tuple(few, fc.integer({ min: 2, max: 4 }), few),
    ([rows, classes, samples]) => {
      tf.multinomial(tensor<tf.Rank.R2>([rows, classes]), samples, 7);
    },
  ),
};

const matmulShapes = fc.record({
  batch: shapeOf(1, 2),
  rows: few,
  inner: few,
  columns: few,
  transposeA: fc.boolean(),
  transposeB: fc.boolean(),
});

export const matmulCases: Record<string, KernelCase> = {
  BatchMatMul: running(matmulShapes, ({ batch, rows, inner, columns, transposeA, transposeB }) => {
    const a = tensor([...batch, ...(transposeA ? [inner, rows] : [rows, inner])]);
    const b = tensor([...batch, ...(transposeB ? [columns, inner] : [inner, columns])]);
    tf.matMul(a, b, transposeA, transposeB);
  }),
  _FusedMatMul: running(matmulShapes, ({ rows, inner, columns, transposeA, transposeB }) => {
    const a = tensor<tf.Rank.R2>(transposeA ? [inner, rows] : [rows, inner]);
    const b = tensor<tf.Rank.R2>(transposeB ? [columns, inner] : [inner, columns]);
    const bias = tensor<tf.Rank.R1>([columns]);
    tf.fused.matMul({ a, b, transposeA, transposeB, bias, activation: "relu" });
  }),
  Einsum: running(fc.tuple(few, few, few, few), ([i, j, k, b]) => {
    tf.einsum("ij,jk->ik", tensor([i, j]), tensor([j, k]));
    tf.einsum("bij,bkj->bik", tensor([b, i, j]), tensor([b, k, j]));
    tf.einsum("ij->j", tensor([i, j]));
    tf.einsum("i,j->ij", tensor([i]), tensor([j]));
    tf.einsum("i,->i", tensor([i]), tensor([]));
    tf.einsum("i,->", tensor([i]), tensor([]));
    tf.einsum("i->ii", tensor([i]));
    tf.einsum("ij,jk->k", tensor([i, j]), tensor([j, k]));
    tf.einsum("ij,k->k", tensor([i, j]), tensor([k]));
    tf.einsum("ij,kb->", tensor([i, j]), tensor([k, b]));
    tf.einsum("ij,kj->", tensor([i, j]), tensor([k, j]));
    tf.einsum("ij, jk -> ki", tensor([i, j]), tensor([j, k]));
  }),
};

const text = (shape: number[]) => tensor(shape, "string");

export const sparseCases: Record<string, KernelCase> = {
  SparseFillEmptyRows: running(few, (rows) => {
    const values = tf.ones<tf.Rank.R1>([rows]);
    tf.sparse.sparseFillEmptyRows(
      tensor<tf.Rank.R2>([rows, 2], "int32"),
      values,
      tf.tensor1d([4, 2], "int32"),
      tf.scalar(0),
    );
  }),
  SparseReshape: running(few, (count) => {
    const indices = tensor<tf.Rank.R2>([count, 2], "int32");
    tf.sparse.sparseReshape(indices, tf.tensor1d([4, 6], "int32"), tf.tensor1d([2, 3, 4], "int32"));
  }),
  ...Object.fromEntries(
    (["SparseSegmentMean", "SparseSegmentSum"] as const).map((name) => [
      name,
      running(fc.tuple(few, few), ([rows, width]) => {
        runKernel(name, {
          data: tensor([rows, width]),
          indices: tensor<tf.Rank.R1>([2], "int32"),
          segmentIds: tf.tensor1d([0, 1], "int32"),
        });
      }),
    ]),
  ),
  SparseToDense: running(few, (count) => {
    tf.sparseToDense(tensor([count, 1], "int32"), tensor([count]), [5], tf.scalar(0));
  }),
  RaggedGather: running(few, (rows) => {
    // Rows of one value each, the first of which is gathered.
    const splits = tf.range(0, rows + 1, 1, "int32");
    tf.raggedGather([splits], tensor([rows]), tensor([1], "int32"), 1);
  }),
  RaggedRange: running(few, (rows) => {
    const each = (value: number) => tf.fill([rows], value, "int32") as tf.Tensor1D;
    tf.raggedRange(each(0), each(3), each(1));
  }),
  RaggedTensorToTensor: running(few, (rows) => {
    const values = tensor([rows]);
    const splits = tf.range(0, rows + 1, 1, "int32");
    tf.raggedTensorToTensor(
      tf.tensor1d([rows, 2], "int32"),
      values,
      tf.scalar(0),
      [splits],
      ["ROW_SPLITS"],
    );
  }),
  StaticRegexReplace: running(shapeOf(0, 2), (shape) => {
    tf.string.staticRegexReplace(text(shape), "a", "b");
  }),
  StringNGrams: running(few, (count) => {
    const data = text([count]) as tf.Tensor1D;
    tf.string.stringNGrams(data, tf.tensor1d([0, count], "int32"), "|", [1, 2], "<", ">", -1, true);
  }),
  StringSplit: running(few, (count) => {
    tf.string.stringSplit(text([count]) as tf.Tensor1D, tf.scalar(" "));
  }),
  StringToHashBucketFast: running(shapeOf(0, 2), (shape) => {
    tf.string.stringToHashBucketFast(text(shape), 10);
  }),
};

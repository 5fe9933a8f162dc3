import type { DType, Shape } from "@opcounter/ir";
import fc from "fast-check";
import { type Dense, denseWith, length, maybeEmptyShapes, shapes } from "../dense.ts";
import { moves, type Proof } from "../proof.ts";

/**
 * Elements that a kernel cannot make by arithmetic: all end in 11/32, so that neither a sum, a
 * difference nor a product of two of them is another.
 */
export function marked(shape: Shape, dtype: DType = "float32"): fc.Arbitrary<Dense> {
  return denseWith(shape, dtype, (random) => random(2000) - 1000 + 11 / 32);
}

/** Places along an axis of some length. */
export function indices(shape: Shape, below: number): fc.Arbitrary<Dense> {
  return denseWith(shape, "int32", (random) => random(below));
}

/** The whole numbers that can stand for a place or a length in a small tensor. */
export const PLACES: readonly number[] = Array.from({ length: 256 }, (_, i) => i);

interface Drawn<A> {
  readonly x: Dense;
  readonly attrs: A;
}

/** A tensor with attributes that are drawn for its shape. */
function movable<A>(
  shapes: fc.Arbitrary<number[]>,
  attrsFor: (shape: readonly number[]) => fc.Arbitrary<A>,
): fc.Arbitrary<Drawn<A>> {
  return shapes.chain((shape) => fc.record({ x: marked(shape), attrs: attrsFor(shape) }));
}

const noAttrs = () => fc.constant({});
const asX = <A>({ x, attrs }: Drawn<A>) => ({ operands: { x }, attrs });

function axisOf({ length }: Shape): fc.Arbitrary<number> {
  return fc.integer({ min: 0, max: length - 1 });
}

/** What is drawn for each axis of a shape, from the axis's length. */
function perAxis<T>(shape: Shape, draw: (length: number) => fc.Arbitrary<T>): fc.Arbitrary<T[]> {
  return fc.tuple(...shape.map(draw));
}

const few = fc.integer({ min: 1, max: 3 });
const padding = fc.tuple(fc.nat(2), fc.nat(2));

/** Equal parts, to be put together. */
const parts = fc.record({ shape: shapes(1, 3), count: few }).chain(({ shape, count }) =>
  fc.record({
    operands: fc.array(marked(shape), { minLength: count, maxLength: count }),
    attrs: fc.record({ axis: axisOf(shape) }),
  }),
);

const slices = movable(shapes(1, 4), (shape) =>
  perAxis(shape, (length) => fc.tuple(fc.nat(length - 1), fc.nat(length))).map((bounds) => ({
    begin: bounds.map(([begin]) => begin),
    size: bounds.map(([begin, size], axis) => Math.min(size, (shape[axis] ?? 1) - begin)),
  })),
);

const stridedSlices = movable(shapes(1, 4), (shape) =>
  // No empty ranges, on some of which tfjs throws.
  perAxis(shape, (length) =>
    fc
      .record({ first: fc.nat(length - 1), last: fc.nat(length - 1), step: fc.constantFrom(1, 2) })
      .map(({ first, last, step }) =>
        first <= last
          ? { begin: first, end: last + 1, stride: step }
          : { begin: first, end: last, stride: -step },
      ),
  ).map((axes) => ({
    begin: axes.map(({ begin }) => begin),
    end: axes.map(({ end }) => end),
    strides: axes.map(({ stride }) => stride),
    ...{ beginMask: 0, endMask: 0, ellipsisMask: 0, newAxisMask: 0, shrinkAxisMask: 0 },
  })),
);

const blocks = fc.record({ batch: few, height: few, width: few, channels: few });
const BLOCK = [2, 2];
const NO_EDGES = [
  [0, 0],
  [0, 0],
];

const casts = fc.constantFrom<DType[]>("float32", "int32", "bool");

export const dataMovementProofs: readonly Proof[] = [
  moves("Identity", movable(maybeEmptyShapes(0, 4), noAttrs).map(asX)),
  moves(
    "Reshape",
    movable(shapes(1, 4), (shape) => fc.constant({ shape: [...shape, 1].reverse() })).map(asX),
  ),
  moves(
    "ExpandDims",
    movable(shapes(0, 4), ({ length }) => fc.record({ dim: fc.nat(length) })).map(
      ({ x, attrs }) => ({ operands: { input: x }, attrs }),
    ),
  ),
  moves("Concat", parts),
  moves("Pack", parts),
  moves(
    "Unpack",
    movable(shapes(1, 4), (shape) => fc.record({ axis: axisOf(shape) })).map(({ x, attrs }) => ({
      operands: { value: x },
      attrs,
    })),
  ),
  moves(
    "SplitV",
    movable(shapes(1, 4), (shape) =>
      axisOf(shape).chain((axis) =>
        fc.nat(shape[axis] ?? 1).map((first) => ({
          numOrSizeSplits: [first, (shape[axis] ?? 1) - first],
          axis,
        })),
      ),
    ).map(asX),
  ),
  moves("Slice", slices.map(asX)),
  moves("StridedSlice", stridedSlices.map(asX)),
  moves(
    "Transpose",
    movable(shapes(1, 4), (shape) => {
      const axes = [...shape.keys()];
      return fc.record({ perm: fc.shuffledSubarray(axes, { minLength: axes.length }) });
    }).map(asX),
  ),
  moves("Reverse", movable(shapes(1, 4), (shape) => fc.record({ dims: axisOf(shape) })).map(asX)),
  moves(
    "Tile",
    movable(shapes(1, 3), (shape) => fc.record({ reps: perAxis(shape, () => few) })).map(asX),
  ),
  moves(
    "PadV2",
    movable(shapes(1, 4), (shape) =>
      fc.record({
        paddings: perAxis(shape, () => padding),
        constantValue: fc.constantFrom(0, 7, -Infinity),
      }),
    ).map(asX),
    ({ attrs: { constantValue } }) => [constantValue],
  ),
  moves(
    "MirrorPad",
    movable(shapes(1, 4), (shape) =>
      fc.record({
        paddings: perAxis(shape, (length) => fc.tuple(fc.nat(length - 1), fc.nat(length - 1))),
        mode: fc.constantFrom("reflect" as const, "symmetric" as const),
      }),
    ).map(asX),
  ),
  moves(
    "GatherV2",
    fc.record({ shape: shapes(1, 3), picked: shapes(0, 2) }).chain(({ shape, picked }) =>
      axisOf(shape).chain((axis) =>
        fc.record({
          operands: fc.record({ x: marked(shape), indices: indices(picked, shape[axis] ?? 1) }),
          attrs: fc.constant({ axis, batchDims: 0 }),
        }),
      ),
    ),
  ),
  moves(
    "GatherNd",
    fc.record({ shape: shapes(1, 3), count: length }).chain(({ shape, count }) =>
      fc.record({
        operands: fc.record({
          params: marked(shape),
          indices: indices([count, 1], shape[0] ?? 1),
        }),
        attrs: noAttrs(),
      }),
    ),
  ),
  moves(
    "TensorScatterUpdate",
    fc.record({ shape: shapes(1, 3), count: length }).chain(({ shape, count }) =>
      fc.record({
        operands: fc.record({
          tensor: marked(shape),
          indices: indices([count, 1], shape[0] ?? 1),
          updates: marked([count, ...shape.slice(1)]),
        }),
        attrs: noAttrs(),
      }),
    ),
  ),
  moves(
    "BatchToSpaceND",
    blocks.chain(({ batch, height, width, channels }) =>
      marked([4 * batch, height, width, channels]).map((x) => ({
        operands: { x },
        attrs: { blockShape: BLOCK, crops: NO_EDGES },
      })),
    ),
  ),
  moves(
    "SpaceToBatchND",
    blocks.chain(({ batch, height, width, channels }) =>
      marked([batch, 2 * height, 2 * width - 1, channels]).map((x) => ({
        operands: { x },
        attrs: {
          blockShape: BLOCK,
          paddings: [
            [0, 0],
            [0, 1],
          ],
        },
      })),
    ),
    () => [0],
  ),
  moves(
    "DepthToSpace",
    blocks.chain(({ batch, height, width, channels }) =>
      marked([batch, height, width, 4 * channels]).map((x) => ({
        operands: { x },
        attrs: { blockSize: 2, dataFormat: "NHWC" as const },
      })),
    ),
  ),
  moves("Diag", movable(shapes(1, 2), noAttrs).map(asX), () => [0]),
  moves(
    "BroadcastArgs",
    fc.record({ shape: shapes(1, 4), omitted: fc.nat(3) }).map(({ shape, omitted }) => {
      const dimensions = (values: readonly number[]): Dense => ({
        dtype: "int32",
        shape: [values.length],
        values,
      });
      return {
        operands: { s0: dimensions(shape), s1: dimensions(shape.slice(omitted)) },
        attrs: {},
      };
    }),
  ),
  moves(
    "Cast",
    fc
      .record({ shape: shapes(0, 4), dtype: casts })
      .chain(({ shape, dtype }) =>
        marked(shape).map((x) => ({ operands: { x }, attrs: { dtype } })),
      ),
    // What a number of one type is in another.
    ({ operands: { x }, attrs: { dtype } }) => {
      if (dtype === "float32") return [];
      return x.values.map((value) => (dtype === "bool" ? Number(value !== 0) : Math.trunc(value)));
    },
  ),
  moves(
    "Complex",
    shapes(0, 3).chain((shape) =>
      fc.record({
        operands: fc.record({ real: marked(shape), imag: marked(shape) }),
        attrs: noAttrs(),
      }),
    ),
  ),
  ...(["Real", "Imag"] as const).map((kernel) =>
    moves(
      kernel,
      shapes(0, 3).chain((shape) =>
        marked(shape, "complex64").map((input) => ({ operands: { input }, attrs: {} })),
      ),
    ),
  ),
];

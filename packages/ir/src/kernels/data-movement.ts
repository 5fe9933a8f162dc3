import { kernel } from "../kernel.ts";
import { sizeOf } from "../types.ts";
import {
  axes,
  either,
  integer,
  integers,
  listOf,
  none,
  oneOf,
  optional,
  pair,
  real,
} from "./attribute-types.ts";
import {
  alike,
  elementOf,
  fourOf,
  int32,
  lengthOf,
  normalizeAxes,
  normalizeAxis,
  resolveReshape,
  same,
  withDimension,
} from "./shapes.ts";
import { strided } from "./strided-slice.ts";

const x = { x: "required" } as const;

export const identity = kernel("Identity", {
  operands: x,
  work: { kind: "rearrangement" },
  host: "cpu",
  attrs: none,
  infer: ({ x }) => [same(x)],
});

export const reshape = kernel("Reshape", {
  operands: x,
  work: { kind: "rearrangement" },
  host: "cpu",
  attrs: { shape: integers },
  infer: ({ x }, { shape }) => [{ dtype: x.dtype, shape: resolveReshape(shape, sizeOf(x.shape)) }],
});

export const expandDims = kernel("ExpandDims", {
  operands: { input: "required" },
  work: { kind: "rearrangement" },
  host: "cpu",
  attrs: { dim: integer },
  infer: ({ input }, { dim }) => {
    const axis = normalizeAxis(dim, input.shape.length + 1);
    return [{ dtype: input.dtype, shape: input.shape.toSpliced(axis, 0, 1) }];
  },
});

export const concat = kernel("Concat", {
  operands: "variadic",
  work: { kind: "assembly" },
  host: "cpu",
  attrs: { axis: integer },
  infer: (operands, { axis }) => {
    const [first] = operands;
    if (first === undefined) return undefined;
    const at = normalizeAxis(axis, first.shape.length);
    for (const { shape } of operands) {
      const fits =
        shape.length === first.shape.length &&
        shape.every((d, i) => i === at || d === first.shape[i]);
      if (!fits) throw new Error(`[${first.shape}] and [${shape}] differ in more than axis ${at}`);
    }
    const length = operands.reduce((total, { shape }) => total + lengthOf(shape, at), 0);
    return [{ dtype: first.dtype, shape: withDimension(first.shape, at, length) }];
  },
});

export const pack = kernel("Pack", {
  operands: "variadic",
  work: { kind: "assembly" },
  host: "cpu",
  attrs: { axis: integer },
  infer: (operands, { axis }) => {
    const [first] = operands;
    if (first === undefined) return undefined;
    const at = normalizeAxis(axis, first.shape.length + 1);
    return [{ dtype: first.dtype, shape: first.shape.toSpliced(at, 0, operands.length) }];
  },
});

export const unpack = kernel("Unpack", {
  operands: { value: "required" },
  work: { kind: "assembly" },
  host: "cpu",
  attrs: { axis: integer },
  infer: ({ value }, { axis }) => {
    const at = normalizeAxis(axis, value.shape.length);
    const shape = value.shape.toSpliced(at, 1);
    return alike({ dtype: value.dtype, shape }, lengthOf(value.shape, at));
  },
});

export const splitV = kernel("SplitV", {
  operands: x,
  work: { kind: "assembly" },
  host: "cpu",
  attrs: { numOrSizeSplits: either(integers, integer), axis: integer },
  infer: ({ x }, { numOrSizeSplits, axis }) => {
    const at = normalizeAxis(axis, x.shape.length);
    const length = lengthOf(x.shape, at);
    if (typeof numOrSizeSplits === "number") {
      const size = length / numOrSizeSplits;
      if (!Number.isInteger(size)) {
        throw new Error(
          `the ${length} of axis ${at} cannot be split into ${numOrSizeSplits} parts`,
        );
      }
      return alike({ dtype: x.dtype, shape: withDimension(x.shape, at, size) }, numOrSizeSplits);
    }
    const known = numOrSizeSplits.reduce((total, size) => (size < 0 ? total : total + size), 0);
    return numOrSizeSplits.map((size) => ({
      dtype: x.dtype,
      shape: withDimension(x.shape, at, size < 0 ? length - known : size),
    }));
  },
});

export const slice = kernel("Slice", {
  operands: x,
  work: { kind: "selection", of: "x" },
  host: "cpu",
  attrs: { begin: axes, size: optional(axes) },
  infer: ({ x }, { begin, size }) => {
    const starts = typeof begin === "number" ? [begin] : begin;
    const sizes = typeof size === "number" ? [size] : (size ?? []);
    const shape = x.shape.map((length, axis) => {
      // TensorFlow.js takes the axes past the end of a list whole.
      const start = starts[axis] ?? 0;
      const count = sizes[axis] ?? -1;
      if (count < 0) return length - start;
      if (start + count > length) {
        throw new Error(`${count} elements from ${start} reach past the ${length} of axis ${axis}`);
      }
      return count;
    });
    return [{ dtype: x.dtype, shape }];
  },
});

export const stridedSlice = kernel("StridedSlice", {
  operands: x,
  work: { kind: "selection", of: "x" },
  host: "cpu",
  attrs: {
    begin: integers,
    end: integers,
    strides: optional(integers),
    beginMask: integer,
    endMask: integer,
    ellipsisMask: integer,
    newAxisMask: integer,
    shrinkAxisMask: integer,
  },
  infer: ({ x }, attrs) => [{ dtype: x.dtype, shape: strided(x.shape, attrs) }],
});

export const transpose = kernel("Transpose", {
  operands: x,
  work: { kind: "rearrangement" },
  host: "cpu",
  attrs: { perm: integers },
  infer: ({ x }, { perm }) => [
    { dtype: x.dtype, shape: perm.map((axis) => lengthOf(x.shape, axis)) },
  ],
});

export const reverse = kernel("Reverse", {
  operands: x,
  work: { kind: "rearrangement" },
  host: "cpu",
  attrs: { dims: optional(axes) },
  infer: ({ x }, { dims }) => {
    normalizeAxes(dims ?? [], x.shape.length);
    return [same(x)];
  },
});

export const tile = kernel("Tile", {
  operands: x,
  work: { kind: "assembly" },
  host: "cpu",
  attrs: { reps: integers },
  infer: ({ x }, { reps }) => [
    { dtype: x.dtype, shape: x.shape.map((dimension, axis) => dimension * elementOf(reps, axis)) },
  ],
});

export const broadcastArgs = kernel("BroadcastArgs", {
  operands: { s0: "required", s1: "required" },
  work: { kind: "computation" },
  host: "cpu",
  attrs: none,
  infer: ({ s0, s1 }) => [int32([Math.max(lengthOf(s0.shape, 0), lengthOf(s1.shape, 0))])],
});

function padded(
  shape: readonly number[],
  amounts: readonly (readonly [number, number])[],
): number[] {
  return shape.map((dimension, axis) => {
    const [before, after] = elementOf(amounts, axis);
    return dimension + before + after;
  });
}

export const padV2 = kernel("PadV2", {
  operands: x,
  work: { kind: "assembly" },
  host: "cpu",
  attrs: { paddings: listOf(pair), constantValue: real },
  infer: ({ x }, attrs) => [{ dtype: x.dtype, shape: padded(x.shape, attrs.paddings) }],
});

export const mirrorPad = kernel("MirrorPad", {
  operands: x,
  work: { kind: "assembly" },
  host: "cpu",
  attrs: { paddings: listOf(pair), mode: oneOf("reflect", "symmetric") },
  infer: ({ x }, attrs) => [{ dtype: x.dtype, shape: padded(x.shape, attrs.paddings) }],
});

export const gatherV2 = kernel("GatherV2", {
  operands: { x: "required", indices: "required" },
  work: { kind: "selection", of: "x" },
  host: "cpu",
  attrs: { axis: integer, batchDims: integer },
  infer: ({ x, indices }, { axis, batchDims }) => {
    const at = normalizeAxis(axis, x.shape.length);
    const batches = batchDims < 0 ? batchDims + indices.shape.length : batchDims;
    const picked = indices.shape.slice(batches);
    return [{ dtype: x.dtype, shape: x.shape.toSpliced(at, 1, ...picked) }];
  },
});

export const gatherNd = kernel("GatherNd", {
  operands: { params: "required", indices: "required" },
  work: { kind: "selection", of: "params" },
  host: "cpu",
  attrs: none,
  infer: ({ params, indices }) => {
    const depth = lengthOf(indices.shape, -1);
    return [
      {
        dtype: params.dtype,
        shape: [...indices.shape.slice(0, -1), ...params.shape.slice(depth)],
      },
    ];
  },
});

export const scatterNd = kernel("ScatterNd", {
  operands: { indices: "required", updates: "required" },
  work: { kind: "computation" },
  host: "cpu",
  attrs: { shape: integers },
  infer: ({ updates }, { shape }) => [{ dtype: updates.dtype, shape }],
});

export const tensorScatterUpdate = kernel("TensorScatterUpdate", {
  operands: { tensor: "required", indices: "required", updates: "required" },
  work: { kind: "computation" },
  host: "cpu",
  attrs: none,
  infer: ({ tensor }) => [same(tensor)],
});

export const batchToSpaceND = kernel("BatchToSpaceND", {
  operands: x,
  work: { kind: "assembly" },
  host: "cpu",
  attrs: { blockShape: integers, crops: listOf(integers) },
  infer: ({ x }, { blockShape, crops }) => {
    const batch = lengthOf(x.shape, 0);
    const rest = x.shape.slice(1);
    const spatial = rest.map((dimension, i) => {
      // Axes past the blocks are left as they are.
      if (i >= blockShape.length) return dimension;
      const crop = elementOf(crops, i);
      return dimension * elementOf(blockShape, i) - elementOf(crop, 0) - elementOf(crop, 1);
    });
    return [{ dtype: x.dtype, shape: [batch / blockShape.reduce((p, b) => p * b, 1), ...spatial] }];
  },
});

export const spaceToBatchND = kernel("SpaceToBatchND", {
  operands: x,
  work: { kind: "assembly" },
  host: "cpu",
  attrs: { blockShape: integers, paddings: listOf(integers) },
  infer: ({ x }, { blockShape, paddings }) => {
    const batch = lengthOf(x.shape, 0);
    const rest = x.shape.slice(1);
    const spatial = rest.map((dimension, i) => {
      if (i >= blockShape.length) return dimension;
      const padding = elementOf(paddings, i);
      return (dimension + elementOf(padding, 0) + elementOf(padding, 1)) / elementOf(blockShape, i);
    });
    return [{ dtype: x.dtype, shape: [batch * blockShape.reduce((p, b) => p * b, 1), ...spatial] }];
  },
});

export const depthToSpace = kernel("DepthToSpace", {
  operands: x,
  work: { kind: "rearrangement" },
  host: "cpu",
  attrs: { blockSize: integer, dataFormat: oneOf("NHWC", "NCHW") },
  infer: ({ x }, { blockSize: block, dataFormat }) => {
    const [batch, a, b, c] = fourOf(x.shape);
    return [
      {
        dtype: x.dtype,
        shape:
          dataFormat === "NHWC"
            ? [batch, a * block, b * block, c / block ** 2]
            : [batch, a / block ** 2, b * block, c * block],
      },
    ];
  },
});

export const diag = kernel("Diag", {
  operands: x,
  work: { kind: "computation" },
  host: "cpu",
  attrs: none,
  infer: ({ x }) => [{ dtype: x.dtype, shape: [...x.shape, ...x.shape] }],
});

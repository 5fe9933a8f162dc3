import { kernel } from "../kernel.ts";
import type { DType } from "../types.ts";
import { axesOrAll, boolean, integer, number, oneOf, optional } from "./attribute-types.ts";
import {
  float32,
  int32,
  lengthOf,
  normalizeAxis,
  reduced,
  summed,
  unlessBoolean,
} from "./shapes.ts";

const x = { x: "required" } as const;
const overAxes = { axis: axesOrAll, keepDims: boolean };
const overAxis = { axis: integer };
const alongAxis = { axis: integer, exclusive: boolean, reverse: boolean };

function reduction<const N extends string>(name: N, result: DType) {
  return kernel(name, {
    operands: x,
    work: { kind: "computation" },
    host: "cpu",
    attrs: overAxes,
    infer: ({ x }, { axis, keepDims }) => [
      { dtype: result, shape: reduced(x.shape, axis, keepDims) },
    ],
  });
}

function position<const N extends string>(name: N) {
  return kernel(name, {
    operands: x,
    work: { kind: "computation" },
    host: "cpu",
    attrs: overAxis,
    // For a vector, the WebGPU backend gives one element in a vector, the other backends a scalar.
    infer: ({ x }, { axis }) =>
      x.shape.length === 1 ? undefined : [int32(reduced(x.shape, axis, false))],
  });
}

function scan<const N extends string>(name: N) {
  return kernel(name, {
    operands: x,
    work: { kind: "computation" },
    host: "cpu unless scalar",
    attrs: alongAxis,
    // Of booleans, the WebGPU backend gives booleans, the other backends integers.
    infer: ({ x }) => unlessBoolean(x),
  });
}

export const all = reduction("All", "bool");
export const any = reduction("Any", "bool");
export const mean = reduction("Mean", "float32");
export const min = kernel("Min", {
  operands: x,
  work: { kind: "computation" },
  host: "cpu",
  attrs: overAxes,
  infer: ({ x }, { axis, keepDims }) =>
    unlessBoolean({ dtype: x.dtype, shape: reduced(x.shape, axis, keepDims) }),
});
/** For small tensors the WebGPU backend ignores keepDims, so the recorded shape is right. */
export const prod = kernel("Prod", {
  operands: x,
  work: { kind: "computation" },
  host: "cpu",
  attrs: overAxes,
  infer: ({ x }, { axis, keepDims }) =>
    keepDims ? undefined : [{ dtype: summed(x.dtype), shape: reduced(x.shape, axis, false) }],
});
export const sum = kernel("Sum", {
  operands: x,
  work: { kind: "computation" },
  host: "cpu",
  attrs: overAxes,
  infer: ({ x }, { axis, keepDims }) => [
    { dtype: summed(x.dtype), shape: reduced(x.shape, axis, keepDims) },
  ],
});
export const argMax = position("ArgMax");
export const argMin = position("ArgMin");
export const cumprod = scan("Cumprod");
export const cumsum = scan("Cumsum");

export const max = kernel("Max", {
  operands: x,
  work: { kind: "computation" },
  host: "cpu",
  attrs: { reductionIndices: axesOrAll, keepDims: boolean },
  infer: ({ x }, { reductionIndices, keepDims }) =>
    unlessBoolean({ dtype: x.dtype, shape: reduced(x.shape, reductionIndices, keepDims) }),
});

export const softmax = kernel("Softmax", {
  operands: { logits: "required" },
  work: { kind: "computation" },
  host: "cpu",
  attrs: { dim: integer },
  infer: ({ logits }) => [float32(logits.shape)],
});

export const bincount = kernel("Bincount", {
  operands: { x: "required", weights: "required" },
  work: { kind: "computation" },
  host: "cpu",
  attrs: { size: integer },
  infer: ({ weights }, { size }) => [{ dtype: weights.dtype, shape: [size] }],
});

export const denseBincount = kernel("DenseBincount", {
  operands: { x: "required", weights: "required" },
  work: { kind: "computation" },
  host: "cpu",
  attrs: { size: integer, binaryOutput: optional(boolean) },
  infer: ({ x, weights }, { size }) => [
    { dtype: weights.dtype, shape: [...x.shape.slice(0, -1), size] },
  ],
});

export const topK = kernel("TopK", {
  operands: x,
  work: { kind: "computation" },
  host: "cpu",
  attrs: { k: integer, sorted: boolean },
  infer: ({ x }, { k }) => {
    const shape = [...x.shape.slice(0, -1), k];
    return [{ dtype: x.dtype, shape }, int32(shape)];
  },
});

export const unique = kernel("Unique", {
  operands: x,
  work: { kind: "computation" },
  host: "cpu",
  attrs: overAxis,
  infer: ({ x }, { axis }) => {
    normalizeAxis(axis, x.shape.length);
    return undefined;
  },
});

export const searchSorted = kernel("SearchSorted", {
  operands: { sortedSequence: "required", values: "required" },
  work: { kind: "computation" },
  host: "cpu",
  attrs: { side: oneOf("left", "right") },
  infer: ({ values }) => [int32(values.shape)],
});

export const unsortedSegmentSum = kernel("UnsortedSegmentSum", {
  operands: { x: "required", segmentIds: "required" },
  work: { kind: "computation" },
  host: "cpu",
  attrs: { numSegments: integer },
  // Of integers, the WebGPU backend gives integers, the CPU backend floats.
  infer: ({ x, segmentIds }, { numSegments }) =>
    x.dtype === "float32"
      ? [float32([numSegments, ...x.shape.slice(segmentIds.shape.length)])]
      : undefined,
});

export const multinomial = kernel("Multinomial", {
  operands: { logits: "required" },
  work: { kind: "computation" },
  host: "cpu",
  attrs: { numSamples: integer, seed: number, normalized: boolean },
  infer: ({ logits }, { numSamples }) => [int32([lengthOf(logits.shape, 0), numSamples])],
});

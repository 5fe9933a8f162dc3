import * as tf from "@tensorflow/tfjs";

/** The operands of a case, by number. */
type Program = (...operands: never[]) => tf.Tensor;

const conv =
  (pad: "same" | "valid" | number, strides = 1, dilations = 1): Program =>
  (x: tf.Tensor4D, filter: tf.Tensor4D) =>
    tf.conv2d(
      x,
      filter,
      strides,
      pad,
      "NHWC",
      dilations,
      typeof pad === "number" ? "floor" : undefined,
    );

const CONTRACTIONS: Readonly<Record<string, Program>> = {
  "conv same 3x3 s1 8x8x3->4": conv("same"),
  "conv valid 3x3 s1 8x8x3->4": conv("valid"),
  "conv same 3x3 s2 9x9x3->4 b2": conv("same", 2),
  "conv same 3x3 dil2 11x11x2->3": conv("same", 1, 2),
  "conv 7x7 s2 pad3 224": conv(3, 2),
  "conv 1x1 14x14x8->16": conv("same"),
  "depthwise same 3x3 mult1 8x8x4": (x: tf.Tensor4D, filter: tf.Tensor) =>
    tf.depthwiseConv2d(x, filter.reshape([3, 3, 4, 1]), 1, "same"),
  "conv transpose 3x3 s2 4x4x3->2": (x: tf.Tensor4D, filter: tf.Tensor) =>
    tf.conv2dTranspose(x, filter.reshape([3, 3, 2, 3]), [1, 8, 8, 2], 2, "same"),
  "conv3d same 3x3x3 4x4x4x2->3": (x: tf.Tensor5D, filter: tf.Tensor5D) =>
    tf.conv3d(x, filter, 1, "same"),
  "conv grad filter": (x: tf.Tensor4D, dy: tf.Tensor4D) =>
    tf
      .engine()
      .runKernel(
        "Conv2DBackpropFilter",
        { x, dy },
        { strides: 1, pad: "same", dataFormat: "NHWC", filterShape: [3, 3, 3, 4] },
      ),
  "dot 4x5 5x6": (a: tf.Tensor, b: tf.Tensor) => tf.matMul(a, b),
  "batch dot 3,4x5 5x6": (a: tf.Tensor, b: tf.Tensor) => tf.matMul(a, b),
  "einsum ij,ij->ij": (a: tf.Tensor, b: tf.Tensor) => tf.einsum("ij,ij->ij", a, b),
  "einsum ij->j": (x: tf.Tensor) => tf.einsum("ij->j", x),
};

const UNARY = {
  ...{ exp: tf.exp, log: tf.log, log1p: tf.log1p, expm1: tf.expm1, tanh: tf.tanh, sqrt: tf.sqrt },
  ...{ rsqrt: tf.rsqrt, sin: tf.sin, cos: tf.cos, abs: tf.abs, neg: tf.neg, sign: tf.sign },
  ...{ floor: tf.floor, ceil: tf.ceil, round: tf.round, erf: tf.erf, asin: tf.asin, acos: tf.acos },
  ...{ atan: tf.atan, sinh: tf.sinh, asinh: tf.asinh, square: tf.square, logistic: tf.sigmoid },
  ...{ reciprocal: tf.reciprocal, relu: tf.relu, relu6: tf.relu6, softplus: tf.softplus },
  ...{ leaky_relu: tf.leakyRelu, logical_not: tf.logicalNot },
} as const;

const BINARY = {
  ...{ add: tf.add, sub: tf.sub, mul: tf.mul, div: tf.div, pow: tf.pow, max: tf.maximum },
  ...{ min: tf.minimum, rem: tf.mod, eq: tf.equal, and: tf.logicalAnd, "int add": tf.add },
  "squared difference": tf.squaredDifference,
} as const;

const ELEMENTWISE: Readonly<Record<string, Program>> = {
  ...Object.fromEntries(
    Object.entries(UNARY).map(([name, f]) => [`unary ${name}`, (x: tf.Tensor) => f(x)]),
  ),
  ...Object.fromEntries(
    Object.entries(BINARY).map(([name, f]) => [
      `binary ${name}`,
      (a: tf.Tensor, b: tf.Tensor) => f(a, b),
    ]),
  ),
  select: (condition: tf.Tensor, a: tf.Tensor, b: tf.Tensor) => tf.where(condition, a, b),
  clamp: (x: tf.Tensor) => tf.clipByValue(x, -1, 1),
  "cast f32 to i32": (x: tf.Tensor) => tf.cast(x, "int32"),
  "cast f32 to f32": (x: tf.Tensor) => tf.cast(x, "float32"),
  "gelu erf": (x: tf.Tensor) => x.mul(0.5).mul(x.div(Math.SQRT2).erf().add(1)),
};

const REDUCTIONS: Readonly<Record<string, Program>> = {
  "reduce sum axis1": (x: tf.Tensor) => tf.sum(x, 1),
  "reduce sum all": (x: tf.Tensor) => tf.sum(x),
  "reduce max axis1": (x: tf.Tensor) => tf.max(x, 1),
  "reduce any": (x: tf.Tensor) => tf.any(x, 1),
  "mean axis1": (x: tf.Tensor) => tf.mean(x, 1),
  "argmax axis1": (x: tf.Tensor) => tf.argMax(x, 1),
  "cumsum axis1": (x: tf.Tensor) => tf.cumsum(x, 1),
  "maxpool 2x2 s2": (x: tf.Tensor4D) => tf.maxPool(x, 2, 2, "valid"),
  "avgpool 2x2 s2 (sum then divide)": (x: tf.Tensor4D) => tf.avgPool(x, 2, 2, "valid"),
  "sumpool 2x2 s2": (x: tf.Tensor4D) => tf.avgPool(x, 2, 2, "valid"),
};

const MOVEMENT: Readonly<Record<string, Program>> = {
  transpose: (x: tf.Tensor) => tf.transpose(x),
  reshape: (x: tf.Tensor) => tf.reshape(x, [36]),
  slice: (x: tf.Tensor) => tf.slice(x, [0, 0], [4, 5]),
  pad: (x: tf.Tensor) =>
    tf.pad(x, [
      [1, 1],
      [1, 1],
    ]),
  concat: (a: tf.Tensor, b: tf.Tensor) => tf.concat([a, b], 1),
  "tile 2x3": (x: tf.Tensor) => tf.tile(x, [2, 3]),
  "gather rows 5 of 10x4": (x: tf.Tensor, indices: tf.Tensor1D) => tf.gather(x, indices),
  "scatter add rows raw": (_: tf.Tensor, indices: tf.Tensor, updates: tf.Tensor) =>
    tf.scatterND(indices.reshape([5, 1]), updates, [10, 4]),
  "one hot": (indices: tf.Tensor) => tf.oneHot(indices, 6),
  "top_k 3 of 4x9": (x: tf.Tensor) => tf.topk(x, 3).values,
  "sort 4x9": (x: tf.Tensor) => tf.topk(x, 9).values,
};

const COMPOUND: Readonly<Record<string, Program>> = {
  "fft 4x8 complex": (x: tf.Tensor) => tf.fft(x),
  "softmax 4x9": (x: tf.Tensor) => tf.softmax(x),
  "layer norm 4x9 (written out)": (x: tf.Tensor, scale: tf.Tensor, offset: tf.Tensor) => {
    const mean = tf.mean(x, 1, true);
    const { variance } = tf.moments(x, 1, true);
    return x.sub(mean).mul(variance.add(1e-5).rsqrt()).mul(scale).add(offset);
  },
  "batch norm inference op": (
    x: tf.Tensor4D,
    scale: tf.Tensor1D,
    offset: tf.Tensor1D,
    mean: tf.Tensor1D,
    variance: tf.Tensor1D,
  ) => tf.batchNorm(x, mean, variance, offset, scale),
  "batch norm written out": (
    x: tf.Tensor,
    scale: tf.Tensor,
    offset: tf.Tensor,
    mean: tf.Tensor,
    variance: tf.Tensor,
  ) => x.sub(mean).mul(variance.add(1e-5).rsqrt()).mul(scale).add(offset),
  "resize bilinear 4->8": (x: tf.Tensor4D) => tf.image.resizeBilinear(x, [8, 8]),
};

/** What each computation of the reference is in TensorFlow.js, or what comes nearest. */
export const PROGRAMS: Readonly<Record<string, Program>> = {
  ...CONTRACTIONS,
  ...ELEMENTWISE,
  ...REDUCTIONS,
  ...MOVEMENT,
  ...COMPOUND,
};

/** Why a figure is not the tool's. */
export interface Reason {
  readonly why: string;
  /** Ours less the tool's, as an expression. */
  readonly difference: string;
}

/**
 * The computations that differ in flops, over N and M, the elements of the first operand and of the
 * result. Their transcendentals are equal.
 */
export const FLOPS_REASONS: Readonly<Record<string, Reason>> = {
  "binary nextafter": {
    why: "TensorFlow.js has no such operation; JAX has 24 of the bits of both numbers",
    difference: "0 - 24 * M",
  },
  "sumpool 2x2 s2": {
    why: "TensorFlow.js pools by maximum and mean only; a mean also divides",
    difference: "M",
  },
  "sort 4x9": {
    why: "TensorFlow.js sorts by TopK, which is a call to XLA of no flops; XLA counts the 6 operations of the comparison once per element of a sort",
    difference: "0 - 6 * N",
  },
  "gelu erf": {
    why: "JAX writes 1 + erf(x) as erfc(−x), by polynomials of 62 operations more; TensorFlow.js runs Erf, one transcendental as the exponential there",
    difference: "0 - 62 * M",
  },
};

/** Why bytes differ: each computation stands in one list. */
export const BYTES_REASONS: Readonly<Record<string, readonly string[]>> = {
  "before it is optimized, XLA counts the operands and results of every instruction that JAX lowers to; here one kernel reads and writes once":
    [
      ...["asin", "acos", "atan", "sinh", "asinh", "logistic", "reciprocal", "relu", "relu6"].map(
        (name) => `unary ${name}`,
      ),
      ...["unary softplus", "unary leaky_relu", "binary squared difference", "clamp", "mean axis1"],
      ...["argmax axis1", "avgpool 2x2 s2 (sum then divide)", "tile 2x3", "one hot", "softmax 4x9"],
      ...["batch norm inference op", "batch norm written out", "resize bilinear 4->8"],
      ...["layer norm 4x9 (written out)", "gelu erf"],
    ],
  "XLA's square is a product whose two operands both count; here an operand counts once": [
    "unary square",
  ],
  "a constant of 4 bytes, the value that a reduction or a pad begins with, is an operand of XLA's":
    [
      ...["einsum ij->j", "reduce sum axis1", "reduce sum all", "reduce max axis1", "cumsum axis1"],
      ...["maxpool 2x2 s2", "sumpool 2x2 s2", "pad"],
    ],
  "a boolean takes a byte there, and 4 on a WebGPU device": [
    ...["unary logical_not", "binary eq", "binary and", "select", "reduce any"],
  ],
  "a transpose is a layout there, and moves data here": ["transpose"],
  "a reshape copies there, and is a view here": ["reshape"],
  "the indices, or their reshape, count once more there": [
    ...["gather rows 5 of 10x4", "scatter add rows raw", "top_k 3 of 4x9"],
  ],
  "TensorFlow.js sorts by TopK, which gives indices too": ["sort 4x9"],
  "TensorFlow.js has no such operation": ["binary nextafter"],
};

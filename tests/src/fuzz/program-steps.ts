import * as tf from "@tensorflow/tfjs";

/** What a step of a random program may use besides the last value. */
export interface Surroundings {
  /** A value from before. */
  readonly earlier: tf.Tensor;
  /** Chooses among the step's ways, such as its axis or its stride. */
  readonly choice: number;
  /** A weight, from before the pass: the same each time the program runs. */
  weight(name: string, shape: number[], least?: number): tf.Tensor;
}

/** What is computed of the last value; undefined where that has another rank or is too small. */
export type Step = (x: tf.Tensor, around: Surroundings) => tf.Tensor | undefined;

const only =
  <R extends 2 | 3 | 4>(
    rank: R,
    step: (
      x: { 2: tf.Tensor2D; 3: tf.Tensor3D; 4: tf.Tensor4D }[R],
      around: Surroundings,
    ) => tf.Tensor | undefined,
  ): Step =>
  (x, around) =>
    // Sound: the rank says which it is.
    x.rank === rank ? step(x as Parameters<typeof step>[0], around) : undefined;

const axisOf = (x: tf.Tensor, choice: number) => choice % Math.max(1, x.rank);
const sizesOf = (x: tf.Tensor, each: (size: number) => number) => x.shape.map(each);
const isWide = (x: tf.Tensor, least: number) => x.shape.slice(1, 3).every((size) => size >= least);
const PADS = ["same", "valid"] as const;
const padOf = (choice: number) => PADS[choice % 2] ?? "same";

const ELEMENTWISE: Readonly<Record<string, Step>> = {
  relu: (x) => x.relu(),
  relu6: (x) => x.relu6(),
  elu: (x) => x.elu(),
  leakyRelu: (x) => x.leakyRelu(0.1),
  sigmoid: (x) => x.sigmoid(),
  tanh: (x) => x.tanh(),
  softplus: (x) => x.softplus(),
  exp: (x) => x.clipByValue(-4, 1).exp(),
  log: (x) => x.abs().add(1).log(),
  root: (x, { choice }) => (choice % 2 ? x.abs().sqrt() : x.square().add(0.5).rsqrt()),
  negate: (x) => x.neg(),
  erf: (x) => x.erf(),
  gelu: (x) => x.mul(x.div(Math.SQRT2).erf().add(1)).div(2),
  cast: (x) => x.cast("float32").add(1),
  zeros: (x, { choice }) => (choice % 2 ? tf.zerosLike(x).add(x) : tf.onesLike(x).mul(x)),
};

/** Of two values, whose shapes must be equal, or broadcast. */
const BINARY: Readonly<Record<string, Step>> = {
  add: (x, { earlier }) => broadcast(x, earlier, tf.add),
  subtract: (x, { earlier }) => broadcast(x, earlier, tf.sub),
  multiply: (x, { earlier }) => broadcast(x, earlier.tanh(), tf.mul),
  divide: (x, { earlier }) => broadcast(x, earlier.abs().add(1), tf.div),
  maximum: (x, { earlier }) => broadcast(x, earlier, tf.maximum),
  difference: (x, { earlier }) => broadcast(x, earlier.tanh(), tf.squaredDifference),
  bias: (x, { weight }) => x.add(weight("bias", [x.shape.at(-1) ?? 1])),
  prelu: (x, { weight }) => x.prelu(weight("slope", x.shape.slice(1))),
};

function broadcast(
  x: tf.Tensor,
  y: tf.Tensor,
  op: (x: tf.Tensor, y: tf.Tensor) => tf.Tensor,
): tf.Tensor | undefined {
  const [a, b] = [x.shape.toReversed(), y.shape.toReversed()];
  const fits = a.every((size, axis) => [size, 1, undefined].includes(b[axis]) || size === 1);
  return fits ? op(x, y) : undefined;
}

const REDUCTIONS: Readonly<Record<string, Step>> = {
  sum: (x, { choice }) => (x.rank === 0 ? undefined : x.sum(axisOf(x, choice), choice % 3 > 0)),
  mean: (x, { choice }) => (x.rank === 0 ? undefined : x.mean(axisOf(x, choice), choice % 3 > 0)),
  max: (x, { choice }) => (x.rank === 0 ? undefined : x.max(axisOf(x, choice), choice % 3 > 0)),
  min: (x, { choice }) => (x.rank === 0 ? undefined : x.min(axisOf(x, choice), choice % 3 > 0)),
  prod: (x, { choice }) => (x.rank === 0 ? undefined : x.tanh().prod(axisOf(x, choice), true)),
  logSumExp: (x, { choice }) => (x.rank === 0 ? undefined : x.logSumExp(axisOf(x, choice), true)),
  cumulated: (x, { choice }) => (x.rank === 0 ? undefined : x.cumsum(axisOf(x, choice))),
  center: (x) => (x.rank === 0 ? undefined : x.sub(x.mean(-1, true))),
  softmax: (x) => (x.rank === 0 ? undefined : x.softmax()),
  logSoftmax: (x) => (x.rank === 0 ? undefined : x.logSoftmax()),
  layerNorm: (x) => {
    if (x.rank === 0) return undefined;
    const { mean, variance } = tf.moments(x, -1, true);
    return x.sub(mean).mul(variance.add(0.1).rsqrt());
  },
};

const SHAPES: Readonly<Record<string, Step>> = {
  flatten: (x) => x.flatten(),
  matrix: (x) => x.reshape([x.shape[0] ?? 1, -1]),
  image: (x) => x.reshape([1, ...[4, 2].map((size) => (x.size % 8 ? 1 : size)), -1]),
  expand: (x, { choice }) => (x.rank < 4 ? x.expandDims(choice % (x.rank + 1)) : undefined),
  squeeze: (x) => x.squeeze(),
  transpose: (x, { choice }) =>
    choice % 2 ? x.transpose() : x.transpose([...x.shape.keys()].slice(1).concat(x.rank ? 0 : [])),
  reverse: (x, { choice }) => (x.rank === 0 ? undefined : x.reverse(axisOf(x, choice))),
  tile: (x, { choice }) =>
    x.rank === 0 ? undefined : x.tile(sizesOf(x, (size) => (size < 5 ? 1 + (choice % 2) : 1))),
  slice: (x, { choice }) =>
    x.slice(
      sizesOf(x, (size) => (size > 1 ? choice % 2 : 0)),
      sizesOf(x, (size) => Math.max(1, size - 1)),
    ),
  stride: (x) =>
    x.rank === 0
      ? undefined
      : x.stridedSlice(
          sizesOf(x, () => 0),
          sizesOf(x, (size) => size),
          sizesOf(x, (size) => (size > 2 ? 2 : 1)),
        ),
  gather: (x, { choice }) => {
    const axis = axisOf(x, choice);
    const last = (x.shape[axis] ?? 1) - 1;
    return x.rank === 0 ? undefined : x.gather(tf.tensor1d([last, 0, last], "int32"), axis);
  },
  concat: (x, { choice }) => (x.rank === 0 ? undefined : x.concat(x.neg(), axisOf(x, choice))),
  stack: (x, { choice }) => (x.rank < 4 ? tf.stack([x, x.neg()], choice % 2 && x.rank) : undefined),
  split: (x, { choice }) => {
    const axis = axisOf(x, choice);
    if (x.rank === 0 || (x.shape[axis] ?? 1) % 2) return undefined;
    const [first, second] = tf.split(x, 2, axis);
    return first && second?.sub(first);
  },
  pad: (x, { choice }) =>
    x.rank === 0 ? undefined : x.pad(x.shape.map((): [number, number] => [choice % 2, 1])),
  mirror: only(4, (x) =>
    isWide(x, 2)
      ? x.mirrorPad(
          [
            [0, 0],
            [1, 1],
            [1, 0],
            [0, 0],
          ],
          "reflect",
        )
      : undefined,
  ),
  where: (x, { choice }) =>
    x.rank === 0 ? undefined : tf.where(tf.fill(x.shape, choice % 2, "bool"), x, x.neg()),
};

const MATRICES: Readonly<Record<string, Step>> = {
  product: only(2, (x, { choice, weight }) => {
    const inner = x.shape[1];
    const isTurned = choice % 2 > 0;
    const b = weight("b", isTurned ? [3, inner] : [inner, 3]);
    return x.matMul(b, false, isTurned).tanh();
  }),
  gram: only(2, (x) => x.matMul(x, false, true).tanh()),
  batched: only(3, (x) => x.matMul(x, true, false).tanh()),
  dense: only(2, (x, { choice, weight }) =>
    tf.fused.matMul({
      ...{ a: x, b: weight("b", [x.shape[1], 4]), bias: weight("bias", [4]) },
      activation: (["linear", "relu", "elu", "sigmoid"] as const)[choice % 4] ?? "linear",
    }),
  ),
  einsum: only(2, (x, { weight }) =>
    tf.einsum("ij,kj->ik", x, weight("b", [3, x.shape[1]])).tanh(),
  ),
};

const IMAGES: Readonly<Record<string, Step>> = {
  convolution: only(4, (x, { choice, weight }) => {
    if (!isWide(x, 3)) return undefined;
    const filter = weight("filter", [3, 3, x.shape[3], 4]);
    return x.conv2d(filter as tf.Tensor4D, 1 + (choice % 2), padOf(choice)).tanh();
  }),
  fusedConvolution: only(4, (x, { choice, weight }) =>
    tf.fused.conv2d({
      ...{ x, filter: weight("filter", [1, 1, x.shape[3], 4]) as tf.Tensor4D, strides: 1 },
      ...{ pad: padOf(choice), bias: weight("bias", [4]) },
      activation: (["linear", "relu", "relu6"] as const)[choice % 3] ?? "linear",
    }),
  ),
  // What `fold-batchnorm` folds.
  normalizedConvolution: only(4, (x, { choice, weight }) => {
    if (!isWide(x, 2)) return undefined;
    const isDeep = choice % 2 > 0;
    const channels = isDeep ? 2 * x.shape[3] : 4;
    const filter = weight("filter", [2, 2, x.shape[3], isDeep ? 2 : 4]) as tf.Tensor4D;
    const y = isDeep ? x.depthwiseConv2d(filter, 1, "same") : x.conv2d(filter, 1, padOf(choice));
    return normalized(y as tf.Tensor4D, channels, weight, choice);
  }),
  normalized: only(4, (x, { choice, weight }) => normalized(x, x.shape[3], weight, choice)),
  transposedConvolution: only(4, (x, { weight }) => {
    const [batch, height, width, channels] = x.shape;
    const filter = weight("filter", [2, 2, 3, channels]) as tf.Tensor4D;
    return x.conv2dTranspose(filter, [batch, 2 * height, 2 * width, 3], 2, "same").tanh();
  }),
  maxPool: only(4, (x, { choice }) =>
    isWide(x, 2) ? x.maxPool(2, 1 + (choice % 2), padOf(choice)) : undefined,
  ),
  avgPool: only(4, (x, { choice }) =>
    isWide(x, 2) ? x.avgPool(2, 1 + (choice % 2), padOf(choice)) : undefined,
  ),
  bilinear: only(4, (x, { choice }) => tf.image.resizeBilinear(x, [5, 3], choice % 2 > 0)),
  blocks: only(4, (x, { choice }) => {
    if (x.shape.slice(1, 3).some((size) => size % 2)) return undefined;
    const cut = x.spaceToBatchND(
      [2, 2],
      [
        [0, 0],
        [0, 0],
      ],
    );
    return choice % 2
      ? cut
      : cut.batchToSpaceND(
          [2, 2],
          [
            [0, 0],
            [0, 0],
          ],
        );
  }),
  localResponse: only(4, (x) => x.localResponseNormalization(1)),
};

function normalized(
  x: tf.Tensor4D,
  channels: number,
  weight: Surroundings["weight"],
  choice: number,
): tf.Tensor {
  const each = (name: string, least?: number) => weight(name, [channels], least) as tf.Tensor1D;
  const scale = choice % 3 === 0 ? undefined : each("scale", 0.5);
  return tf.batchNorm4d(x, each("mean"), each("variance", 0.5), each("offset"), scale, 0.01).tanh();
}

/** Kernels whose results jump where their operands hardly change: no values are compared. */
const JUMPING: Readonly<Record<string, Step>> = {
  round: (x, { choice }) => [x.floor(), x.ceil(), x.round(), x.sign()][choice % 4],
  compare: (x, { choice }) => (choice % 2 ? x.greater(0) : x.lessEqual(0.5)).cast("float32").mul(1),
  logical: (x) => x.greater(0).logicalAnd(x.less(1)).cast("float32").mul(1),
  argMax: (x, { choice }) =>
    x.rank === 0 ? undefined : x.argMax(axisOf(x, choice)).cast("float32"),
  topk: (x) => (x.rank === 0 ? undefined : tf.topk(x, 1).values),
  oneHot: (x) => tf.oneHot(x.flatten().clipByValue(0, 3).cast("int32"), 4).cast("float32"),
  nearest: only(4, (x) => tf.image.resizeNearestNeighbor(x, [3, 5])),
};

/** Steps by name, of every family; none of their values grows without bound. */
export const CONTINUOUS: Readonly<Record<string, Step>> = {
  ...{ ...ELEMENTWISE, ...BINARY, ...REDUCTIONS, ...SHAPES, ...MATRICES, ...IMAGES },
};

/** The same, with those whose values cannot be compared. */
export const ALL_STEPS: Readonly<Record<string, Step>> = { ...CONTINUOUS, ...JUMPING };

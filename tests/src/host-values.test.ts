import { closeDevices, evaluate, openDevice, trace } from "@opcounter/tracer";
import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";

/** Numbers that tell right from wrong: negative, fractional, the same each time. */
const floats = (shape: number[], seed = 1) => tf.randomUniform(shape, -2, 2, "float32", seed);
const integers = (shape: number[], seed = 1) => tf.randomUniform(shape, -5, 6, "int32", seed);
const bools = (shape: number[], seed = 1) => floats(shape, seed).greater(0);
/** Without NaN, of which WGSL lets a device make what it likes. */
const edges = () => tf.tensor1d([0, 1, -1, 0.5, -0.5, 1.5, 2.5, -20, 20, 100, -100]);

/** A program by what it shows, with what it is run on. */
type Program = readonly [input: () => tf.Tensor, run: (x: tf.Tensor) => tf.Tensor | tf.Tensor[]];

const UNARY = "abs ceil clone elu erf exp floor isFinite isInf isNaN leakyRelu neg relu relu6 round"
  .concat(" selu sigmoid sign sin softplus square step tanh")
  .split(" ");
const INTEGER = "abs clone isFinite isNaN neg relu relu6 sign square step".split(" ");
const BINARY = "add sub mul div maximum minimum mod squaredDifference floorDiv equal notEqual"
  .concat(" less lessEqual greater greaterEqual")
  .split(" ");
const REDUCTIONS = ["sum", "mean", "max", "min", "argMax", "argMin", "logSumExp"];

function call(name: string, ...args: unknown[]): tf.Tensor {
  const op: unknown = Reflect.get(tf, name);
  if (typeof op !== "function") throw new Error(`tf.${name} is no function`);
  return op(...args);
}

const square = (x: tf.Tensor) => x as tf.Tensor2D;
const image = (x: tf.Tensor) => x as tf.Tensor4D;
const filter = (shape: [number, number, number, number], seed = 9) =>
  floats(shape, seed) as tf.Tensor4D;
const gradient = (f: (x: tf.Tensor) => tf.Tensor) => (x: tf.Tensor) =>
  tf.grad((z: tf.Tensor) => f(z).square().sum())(x);

const PROGRAMS: Readonly<Record<string, Program>> = {
  ...Object.fromEntries(
    UNARY.flatMap((name): [string, Program][] => [
      [name, [() => floats([3, 4]), (x) => call(name, x)]],
      [`${name} of edges`, [edges, (x) => call(name, x)]],
    ]),
  ),
  ...Object.fromEntries(
    INTEGER.map((name): [string, Program] => [
      `${name} of integers`,
      [() => integers([3, 4]), (x) => call(name, x)],
    ]),
  ),
  ...Object.fromEntries(
    BINARY.flatMap((name): [string, Program][] => [
      [`${name}, broadcast`, [() => floats([2, 1, 4]), (x) => call(name, x, floats([3, 1], 2))]],
      [
        `${name} of integers`,
        [() => integers([3, 4]), (x) => call(name, x, tf.tensor1d([-3, 2, -2, 3], "int32"))],
      ],
    ]),
  ),
  ...Object.fromEntries(
    REDUCTIONS.flatMap((name) =>
      [undefined, 0, 1, -1].map((axis): [string, Program] => [
        `${name} over ${axis ?? "all"}`,
        [() => floats([2, 3, 4]), (x) => call(name, x, axis)],
      ]),
    ),
  ),
  "products, transposed and not": [
    () => floats([4, 4]),
    (x) =>
      [false, true].flatMap((a) =>
        [false, true].map((b) => tf.matMul(square(x), floats([4, 4], 4), a, b)),
      ),
  ],
  "fused products with a bias, transposed and not": [
    () => floats([4, 4]),
    (x) =>
      [false, true].flatMap((transposeA) =>
        [false, true].map((transposeB) =>
          tf.fused.matMul({
            ...{ a: x, b: floats([4, 4], 4), transposeA, transposeB },
            ...{ bias: floats([4], 5), activation: "relu" as const },
          }),
        ),
      ),
  ],
  ...Object.fromEntries(
    (
      [
        [1, "same"],
        [2, "same"],
        [2, "valid"],
        [1, 1],
        [2, 1],
      ] as const
    ).flatMap(([stride, pad]): [string, Program][] => {
      const rounding = pad === 1 ? "floor" : undefined;
      const conv = (x: tf.Tensor) =>
        tf.conv2d(image(x), filter([2, 3, 3, 4]), stride, pad, "NHWC", 1, rounding);
      const depthwise = (x: tf.Tensor) =>
        tf.depthwiseConv2d(image(x), filter([2, 3, 3, 2]), stride, pad, "NHWC", 1, rounding);
      const pools = [tf.maxPool, tf.avgPool];
      const what = `, stride ${stride}, padding ${pad}`;
      const input = () => floats([2, 6, 7, 3]);
      return [
        [`convolutions${what}`, [input, (x) => [conv(x), depthwise(x)]]],
        [
          `gradients of convolutions${what}`,
          [input, (x) => [gradient(conv)(x), gradient(depthwise)(x)]],
        ],
        [
          `pools${what}`,
          [input, (x) => pools.map((pool) => pool(image(x), [2, 3], stride, pad, rounding))],
        ],
        [
          `gradients of pools${what}`,
          [
            input,
            (x) =>
              pools.map((pool) =>
                gradient((z) => pool(image(z), [2, 3], stride, pad, rounding))(x),
              ),
          ],
        ],
      ];
    }),
  ),
  "fused convolutions": [
    () => floats([1, 5, 5, 2]),
    (x) =>
      (["linear", "relu", "relu6", "elu", "sigmoid", "prelu"] as const).map((activation) =>
        tf.fused.conv2d({
          ...{ x: image(x), filter: filter([2, 2, 2, 3]), strides: 1, pad: "same" as const },
          ...{ bias: floats([3], 5), activation, preluActivationWeights: floats([3], 6) },
        }),
      ),
  ],
  "a transposed convolution in space": [
    () => floats([1, 2, 2, 2, 2]),
    (x) =>
      tf.conv3dTranspose(
        x as tf.Tensor5D,
        floats([2, 2, 2, 3, 2], 3) as tf.Tensor5D,
        [1, 4, 4, 4, 3],
        2,
        "valid",
      ),
  ],
  "a dilation of negative numbers": [
    () => floats([1, 4, 4, 1]).abs().neg(),
    (x) => tf.dilation2d(image(x), floats([2, 2, 1], 3) as tf.Tensor3D, 1, "same"),
  ],
  "what moves": [
    () => floats([2, 3, 4]),
    (x) => [
      ...[tf.slice(x, [0, 1, 1], [2, -1, 2]), tf.stridedSlice(x, [0, 2, 0], [2, 0, 4], [1, -1, 2])],
      ...[tf.concat([x, x.neg()], 1), tf.tile(x, [1, 2, 2]), tf.transpose(x, [2, 0, 1])],
      ...[
        tf.reverse(x, [0, 2]),
        tf.gather(x, tf.tensor1d([2, 0], "int32"), 1),
        tf.pad(
          x,
          [
            [0, 1],
            [2, 0],
            [1, 1],
          ],
          3,
        ),
      ],
      ...tf.split(x, [1, 2], 1),
      ...tf.unstack(x, 1),
    ],
  ],
  "what moves integers and truths": [
    () => bools([2, 3]),
    (x) => [
      tf.reverse(x, 1),
      tf.transpose(x),
      x.cast("int32").reverse(0),
      tf.stridedSlice(x, [0, 1], [2, 3]),
    ],
  ],
  casts: [
    () => floats([6]).mul(300),
    (x) => [x.cast("int32"), x.cast("bool"), x.cast("bool").cast("float32")],
  ],
  choices: [
    () => integers([6]),
    (x) => [
      tf.where(bools([6]), x, x.neg()),
      tf.clipByValue(x, -1, 4),
      tf.oneHot(tf.tensor1d([0, 2, 1], "int32"), 3, 2, -1),
      ...Object.values(tf.topk(x, 3)),
    ],
  ],
  "running sums": [
    () => floats([2, 3, 4]),
    (x) => [tf.cumsum(x, 1), tf.cumsum(x, 2, true), tf.cumsum(x, 0, false, true), tf.cumprod(x, 1)],
  ],
  images: [
    () => floats([2, 4, 5, 3]),
    (x) => [
      tf.image.resizeBilinear(image(x), [7, 9]),
      tf.image.resizeBilinear(image(x), [8, 3], false, true),
      tf.image.resizeNearestNeighbor(image(x), [7, 9]),
      tf.image.flipLeftRight(image(x)),
      tf.image.rotateWithOffset(image(x), 0.7, 0.5),
    ],
  ],
  norms: [
    () => floats([1, 3, 3, 4]),
    (x) => [
      tf.softmax(x),
      tf.logSoftmax(x),
      tf.batchNorm(
        image(x),
        tf.tensor1d([0, 1, 2, 3]),
        tf.tensor1d([1, 2, 3, 4]),
        floats([4], 3),
        floats([4], 4),
      ),
      tf.localResponseNormalization(image(x), 2),
    ],
  ],
  "scattered values": [
    () => floats([3]),
    (x) => [
      tf.scatterND(tf.tensor2d([[4], [1], [4]], [3, 1], "int32"), x, [6]),
      tf.tensorScatterUpdate(tf.zeros([6]), tf.tensor2d([[4], [1], [0]], [3, 1], "int32"), x),
      tf.unsortedSegmentSum(x, tf.tensor1d([2, 0, 2], "int32"), 3),
    ],
  ],
};

describe("values that the host computes @linux", function () {
  this.timeout(60_000);
  before(async () => {
    await tf.setBackend("cpu");
    // Both devices are to compile the same.
    await closeDevices();
    // Loads the backend, which registers its flags.
    await openDevice("virtual");
    // Or the backend would compute values this small itself, whatever the device.
    tf.env().set("WEBGPU_CPU_FORWARD", false);
  });
  after(() => tf.env().set("WEBGPU_CPU_FORWARD", true));

  for (const [what, [input, run]] of Object.entries(PROGRAMS)) {
    it(`of ${what} are those of a real device`, async () => {
      const x = input();
      const read = async (device: "virtual" | "software") => {
        const values: number[][] = [];
        const program = async (tensor: tf.Tensor) => {
          const results = [run(tensor)].flat() as tf.Tensor[];
          for (const result of results) values.push([...(await result.data())]);
          return results;
        };
        return { graph: await trace(program, [x], { device }), values };
      };
      const real = await read("software");
      const virtual = await read("virtual");
      expect(real.values.flat().length).to.be.greaterThan(0);
      expectClose(virtual.values, real.values);
      const evaluated = await evaluate(virtual.graph, [x]);
      expectClose(
        evaluated.map(({ values }) => Array.from(values as ArrayLike<number>)),
        real.values,
      );
    });
  }
});

function expectClose(actual: readonly number[][], expected: readonly number[][]): void {
  expect(actual.map(({ length }) => length)).to.deep.equal(expected.map(({ length }) => length));
  for (const [i, values] of expected.entries()) {
    const off = values.findIndex((value, j) => !isClose(value, actual[i]?.[j] ?? Number.NaN));
    if (off < 0) continue;
    throw new Error(`result ${i} is ${actual[i]}, and not ${values}`);
  }
}

function isClose(a: number, b: number): boolean {
  if (Object.is(a, b) || a === b) return true;
  return Math.abs(a - b) <= 2e-3 * Math.max(1, Math.abs(a));
}

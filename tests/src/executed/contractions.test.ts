import { count } from "@opcounter/counters";
import { addWork, countGraph, isProblem, noWork } from "@opcounter/executed";
import { trace } from "@opcounter/tracer";
import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";

interface Contraction {
  readonly run: (...inputs: tf.Tensor[]) => tf.Tensor | tf.Tensor[];
  readonly shapes: readonly number[][];
  /** What is executed per MAC; 1 where tiles are filled. */
  readonly times?: number;
}

/** The inputs as tensors of a rank: what an op of tfjs asks for. */
function as<R extends tf.Rank>(tensor: tf.Tensor | undefined): tf.Tensor<R> {
  if (tensor === undefined) throw new RangeError("an input is missing");
  return tensor.reshape(tensor.shape);
}

function product(transposeA = false, transposeB = false): Contraction["run"] {
  return (a, b) => tf.matMul(as(a), as(b), transposeA, transposeB);
}

function convolution(stride: number, pad: "same" | "valid"): Contraction["run"] {
  return (x, w) => tf.conv2d(as<tf.Rank.R4>(x), as(w), stride, pad);
}

function depthwise(stride: number): Contraction["run"] {
  return (x, w) => tf.depthwiseConv2d(as<tf.Rank.R4>(x), as(w), stride, "valid");
}

function gradients(run: (x: tf.Tensor, w: tf.Tensor) => tf.Tensor): Contraction["run"] {
  return (x, w) => tf.grads((a, b) => run(as(a), as(b)).sum())([as(x), as(w)]);
}

/** Shapes that fill the tiles of the programs that TensorFlow.js chooses for them. */
const FILLED: Readonly<Record<string, Contraction>> = {
  "a matrix product": {
    run: product(),
    shapes: [
      [128, 64],
      [64, 128],
    ],
  },
  "a product of a transposed matrix": {
    run: product(true),
    shapes: [
      [64, 128],
      [64, 128],
    ],
  },
  "a product with a transposed matrix": {
    run: product(false, true),
    shapes: [
      [128, 64],
      [128, 64],
    ],
  },
  "a batch of products": {
    run: product(),
    shapes: [
      [3, 64, 32],
      [3, 32, 64],
    ],
  },
  "a small product": {
    run: product(),
    shapes: [
      [8, 64],
      [64, 8],
    ],
  },
  "a product that is split along its inner dimension": {
    run: product(),
    shapes: [
      [32, 4096],
      [4096, 32],
    ],
  },
  "a product with a bias and an activation": {
    run: (a, b, bias) =>
      tf.fused.matMul({
        ...{ a: as(a), b: as<tf.Rank.R2>(b), bias: as(bias), activation: "relu" },
      }),
    shapes: [[128, 64], [64, 128], [128]],
  },
  "an einsum": {
    run: (a, b) => tf.einsum("bij,bjk->bik", as(a), as(b)),
    shapes: [
      [2, 64, 64],
      [2, 64, 64],
    ],
  },
  "a 1×1 convolution": {
    run: convolution(1, "same"),
    shapes: [
      [1, 16, 16, 64],
      [1, 1, 64, 128],
    ],
  },
  "a 3×3 convolution": {
    run: convolution(1, "same"),
    shapes: [
      [1, 16, 16, 32],
      [3, 3, 32, 64],
    ],
  },
  "a 3×3 convolution without padding": {
    run: convolution(1, "valid"),
    shapes: [
      [1, 18, 18, 32],
      [3, 3, 32, 64],
    ],
  },
  "a convolution with strides": {
    run: convolution(2, "same"),
    shapes: [
      [1, 32, 32, 32],
      [3, 3, 32, 64],
    ],
  },
  "a depthwise convolution": {
    run: depthwise(1),
    shapes: [
      [1, 18, 18, 32],
      [3, 3, 32, 1],
    ],
  },
  "a depthwise convolution with strides": {
    run: depthwise(2),
    shapes: [
      [1, 33, 33, 32],
      [3, 3, 32, 1],
    ],
  },
  "a depthwise convolution with a multiplier": {
    run: depthwise(1),
    shapes: [
      [1, 18, 18, 8],
      [3, 3, 8, 2],
    ],
  },
  "a 3-D convolution": {
    run: (x, w) => tf.conv3d(as<tf.Rank.R5>(x), as(w), 1, "valid"),
    shapes: [
      [1, 6, 6, 6, 8],
      [3, 3, 3, 8, 16],
    ],
  },
  "a transposed convolution": {
    run: (x, w) => tf.conv2dTranspose(as<tf.Rank.R4>(x), as(w), [1, 32, 32, 32], 2, "same"),
    shapes: [
      [1, 16, 16, 32],
      [2, 2, 32, 32],
    ],
  },
  "the gradients of a depthwise convolution": {
    run: gradients((x, w) => tf.depthwiseConv2d(as<tf.Rank.R4>(x), as(w), 1, "valid")),
    shapes: [
      [1, 18, 18, 32],
      [3, 3, 32, 1],
    ],
  },
  "the gradients of a 3-D convolution": {
    run: gradients((x, w) => tf.conv3d(as<tf.Rank.R5>(x), as(w), 1, "valid")),
    shapes: [
      [1, 6, 6, 6, 4],
      [3, 3, 3, 4, 4],
    ],
  },
  // TensorFlow.js gives one row to a tile of eight.
  "a product with one row": {
    run: product(),
    shapes: [
      [1, 512],
      [512, 256],
    ],
    times: 8,
  },
};

describe("executed products against the formulas' MACs", () => {
  before(async () => {
    await tf.setBackend("cpu");
  });

  for (const [name, { run, shapes, times = 1 }] of Object.entries(FILLED)) {
    it(`${name} executes ${times === 1 ? "each MAC" : `${times} products for each MAC`}`, async () => {
      const inputs = shapes.map((shape) => tf.zeros(shape));
      const graph = await trace(run, inputs, { flags: { WEBGPU_CPU_FORWARD: false } });
      const { ops, totals } = count(graph);
      const sum = noWork();
      for (const { op, counted } of countGraph(graph)) {
        if (!Number(ops[op.id]?.cost.macs)) continue;
        if (isProblem(counted)) throw new Error(counted.reason);
        addWork(sum, counted.work);
      }
      expect(totals.macs).to.be.greaterThan(0);
      expect(sum.multiplyAdds + sum.multiplications).to.equal(times * Number(totals.macs));
      tf.dispose(inputs);
    });
  }
});

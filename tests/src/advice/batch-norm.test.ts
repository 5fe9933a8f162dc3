import { advise } from "@opcounter/ir";
import { trace } from "@opcounter/tracer";
import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { at, OwnLayer, random, rank4, stack, weight } from "./programs.ts";
import { prove } from "./prove.ts";

const rule = "foldable-batch-norm";

/** Weights, and a bias, with a batch norm of tf.layers folded in: its γ, β, mean and variance. */
function folded(
  kernel: tf.Tensor,
  [gamma, beta, mean, variance]: readonly tf.Tensor[],
): [tf.Tensor, tf.Tensor] {
  if (!gamma || !beta || !mean || !variance) throw new Error("a batch norm has four weights");
  const s = gamma.div(variance.add(1e-3).sqrt());
  const channels = kernel.rank === 4 && kernel.shape[3] === 1 ? s.reshape([-1, 1]) : s;
  return [kernel.mul(channels), beta.sub(mean.mul(s))];
}

describe("advice on batch norms", () => {
  before(() => tf.setBackend("cpu"));
  const image = [8, 8, 3];
  const inputs = () => [random<tf.Rank.R4>([1, 8, 8, 3])];

  it("of a function folds them into the weights", async () => {
    const filter = weight<tf.Rank.R4>([3, 3, 3, 4]);
    const [gamma, beta, mean] = [1, 2, 3].map(() => weight<tf.Rank.R1>([4]));
    const variance = tf.variable(tf.linspace(1, 2, 4));
    if (!gamma || !beta || !mean) throw new Error("no weights");
    const s = gamma.div(variance.add(1e-3).sqrt());
    const foldedFilter = tf.variable(filter.mul<tf.Tensor4D>(s));
    const bias = tf.variable(beta.sub(mean.mul(s)));
    await prove({
      rule,
      before: (x: tf.Tensor4D) =>
        tf.batchNorm(tf.conv2d(x, filter, 1, "same"), mean, variance, beta, gamma),
      after: (x: tf.Tensor4D) =>
        tf.fused.conv2d({ x, filter: foldedFilter, bias, strides: 1, pad: "same" }),
      inputs: inputs(),
      remedy: "Fold the batch norm into the weights",
    });
  });

  it("of layers leaves the layer out", async () => {
    const convolution = { inputShape: image, filters: 4, kernelSize: 3 };
    const before = stack(
      tf.layers.conv2d({ ...convolution, useBias: false }),
      tf.layers.batchNormalization(),
    );
    const after = stack(tf.layers.conv2d(convolution));
    const [kernel, ...norm] = before.getWeights();
    if (kernel === undefined) throw new Error("a convolution has a kernel");
    after.setWeights(folded(kernel, norm));
    await prove({ rule, before, after, inputs: inputs(), remedy: "useBias: true" });
  });

  for (const useBias of [true, false]) {
    it(`of a dense layer ${useBias ? "with" : "without"} a bias leaves the layer out`, async () => {
      const dense = { inputShape: [6], units: 4 };
      const before = stack(
        tf.layers.dense({ ...dense, useBias }),
        tf.layers.batchNormalization(),
        tf.layers.reLU(),
      );
      const after = stack(tf.layers.dense(dense), tf.layers.reLU());
      const [kernel, ...others] = before.getWeights();
      const bias = useBias ? others.shift() : tf.scalar(0);
      const [gamma, beta, mean, ...norm] = others;
      if (!kernel || !bias || !gamma || !beta || !mean) throw new Error("weights are missing");
      after.setWeights(folded(kernel, [gamma, beta, mean.sub(bias), ...norm]));
      const x = random<tf.Rank.R2>([3, 6]);
      await prove({ rule, before, after, inputs: [x], remedy: "useBias: true" });
    });
  }

  it("of a product whose result is reshaped before folds them into the weights", async () => {
    const b = weight<tf.Rank.R2>([6, 4]);
    const [gamma, beta, mean] = [1, 2, 3].map(() => weight<tf.Rank.R1>([4]));
    const variance = tf.variable(tf.linspace(1, 2, 4));
    if (!gamma || !beta || !mean) throw new Error("no weights");
    const [factor, bias] = folded(b, [gamma, beta, mean, variance]).map((each) =>
      tf.variable(each),
    );
    if (!factor || !bias) throw new Error("no weights");
    const shapes: number[][] = [
      [8, 4],
      [2, 4, 4],
      [1, 2, 4, 4],
    ];
    for (const shape of shapes) {
      await prove({
        rule,
        before: (a: tf.Tensor2D) =>
          tf.batchNorm(tf.matMul(a, b).reshape(shape), mean, variance, beta, gamma),
        after: (a: tf.Tensor2D) => tf.fused.matMul({ a, b: factor, bias }).reshape(shape),
        inputs: [random<tf.Rank.R2>([8, 6])],
        remedy: "Fold the batch norm into the weights",
      });
    }
  });

  it("of a depthwise convolution needs a layer of one's own", async () => {
    const before = stack(
      tf.layers.depthwiseConv2d({ inputShape: image, kernelSize: 3, useBias: false }),
      tf.layers.batchNormalization(),
    );
    const after = stack(
      new OwnLayer(image, [[3, 3, 3, 1], [3]], (x, weights) =>
        tf.fused.depthwiseConv2d({
          x: rank4(x),
          filter: rank4(at(weights, 0)),
          bias: at(weights, 1),
          strides: 1,
          pad: "valid",
        }),
      ),
    );
    const [kernel, ...norm] = before.getWeights();
    if (kernel === undefined) throw new Error("a convolution has a kernel");
    after.setWeights(folded(kernel, norm));
    await prove({ rule, before, after, inputs: inputs(), remedy: "tf.fused.depthwiseConv2d" });
  });

  it("is not given where something else needs what is normalized", async () => {
    const filter = weight<tf.Rank.R4>([3, 3, 3, 4]);
    const one = tf.variable(tf.ones<tf.Rank.R1>([4]));
    const program = (x: tf.Tensor4D) => {
      const y = tf.conv2d(x, filter, 1, "same");
      return [tf.batchNorm(y, one, one), y];
    };
    const graph = await trace(program, inputs(), { device: "virtual" });
    const { advice, findings } = advise(graph);
    expect([...advice, ...findings].filter((found) => found.rule === rule)).to.deep.equal([]);
  });
});

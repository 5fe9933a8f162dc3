import * as tf from "@tensorflow/tfjs";
import { at, OwnLayer, random, rank3, rank4, stack, weight } from "./programs.ts";
import { prove, valuesOnWebGpu } from "./prove.ts";

/** A layer norm by one kernel that broadcasts. */
function broadcast(x: tf.Tensor, gamma: tf.Tensor, beta: tf.Tensor): tf.Tensor {
  const { mean, variance } = tf.moments(x, -1, true);
  const [scale, offset] = [gamma, beta].map((each) => each.reshape<tf.Tensor3D>([1, 1, -1]));
  return tf.batchNorm(rank3(x), rank3(mean), rank3(variance), offset, scale, 1e-3);
}

/** The same, as it is often written. */
function written(x: tf.Tensor, gamma: tf.Tensor, beta: tf.Tensor): tf.Tensor {
  const { mean, variance } = tf.moments(x, -1, true);
  return x.sub(mean).mul(variance.add(1e-3).rsqrt()).mul(gamma).add(beta);
}

describe("advice on layer norms @linux", () => {
  before(() => tf.setBackend("cpu"));
  const inputs = () => [random<tf.Rank.R3>([2, 20, 64])];

  it("of tf.layers is to broadcast instead of tiling", async () => {
    await prove({
      rule: "tiled-layer-norm",
      before: stack(tf.layers.layerNormalization({ inputShape: [20, 64] })),
      after: stack(
        new OwnLayer([20, 64], [[64], [64]], (x, weights) =>
          broadcast(x, at(weights, 0), at(weights, 1)),
        ),
      ),
      inputs: inputs(),
      remedy: "tf.batchNorm(x, mean, variance, beta, gamma, ε)",
      values: valuesOnWebGpu,
    });
  });

  const more: Readonly<Record<string, (norm: tf.Tensor, other: tf.Tensor) => tf.Tensor>> = {
    "a residual": (norm, other) => norm.add(other),
    "a scale of each element": (norm, other) => norm.mul(other).add(1),
    "a scale of all": (norm) => norm.mul(0.5),
  };
  for (const [name, then] of Object.entries(more)) {
    it(`of a function leaves alone what follows it: ${name}`, async () => {
      const gamma = weight<tf.Rank.R1>([64]);
      const scaled = (x: tf.Tensor) => {
        const { mean, variance } = tf.moments(x, -1, true);
        return x.sub(mean).mul(variance.add(1e-3).rsqrt()).mul(gamma);
      };
      const inOne = (x: tf.Tensor) => {
        const { mean, variance } = tf.moments(x, -1, true);
        const scale = gamma.reshape<tf.Tensor3D>([1, 1, 64]);
        return tf.batchNorm(rank3(x), rank3(mean), rank3(variance), undefined, scale, 1e-3);
      };
      await prove({
        rule: "written-layer-norm",
        before: (x: tf.Tensor, other: tf.Tensor) => then(scaled(x), other),
        after: (x: tf.Tensor, other: tf.Tensor) => then(inOne(x), other),
        inputs: [...inputs(), ...inputs()],
        remedy: "use tf.batchNorm",
        values: valuesOnWebGpu,
      });
    });
  }

  it("of the channels of an image is the same, with the mean and variance of its pixels", async () => {
    const [scale, offset] = [weight<tf.Rank.R1>([8]), weight<tf.Rank.R1>([8])];
    const moments = (x: tf.Tensor) => tf.moments(x, [1, 2], true);
    await prove({
      rule: "written-layer-norm",
      before: (x: tf.Tensor) => {
        const { mean, variance } = moments(x);
        return x.sub(mean).div(variance.add(1e-5).sqrt()).mul(scale).add(offset);
      },
      after: (x: tf.Tensor4D) => {
        const [mean, variance] = Object.values(moments(x)).map(rank4);
        const [gamma, beta] = [scale, offset].map((each) =>
          each.reshape<tf.Tensor4D>([1, 1, 1, 8]),
        );
        if (mean === undefined || variance === undefined) throw new Error("moments are two");
        return tf.batchNorm(x, mean, variance, beta, gamma, 1e-5);
      },
      inputs: [random<tf.Rank.R4>([2, 16, 16, 8])],
      remedy: "tf.moments(x, [1, 2], true)",
      values: valuesOnWebGpu,
    });
  });

  it("of a function is to use the batch-norm kernel", async () => {
    const [gamma, beta] = [weight<tf.Rank.R1>([64]), weight<tf.Rank.R1>([64])];
    await prove({
      rule: "written-layer-norm",
      before: (x: tf.Tensor) => written(x, gamma, beta),
      after: (x: tf.Tensor) => broadcast(x, gamma, beta),
      inputs: inputs(),
      remedy: "use tf.batchNorm(x, mean, variance, offset, scale, ε)",
      values: valuesOnWebGpu,
    });
  });
});

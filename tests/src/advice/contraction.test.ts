import { advise } from "@opcounter/ir";
import { trace } from "@opcounter/tracer";
import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { at, OwnLayer, random, rank4, stack, weight } from "./programs.ts";
import { type Program, prove, valuesOnWebGpu } from "./prove.ts";

const rule = "unfused-contraction";

describe("advice on unfused contractions", () => {
  before(() => tf.setBackend("cpu"));

  describe("of a function", () => {
    it("on a convolution and an activation", async () => {
      const filter = weight<tf.Rank.R4>([3, 3, 4, 4]);
      await prove({
        rule,
        before: (x: tf.Tensor4D) => tf.relu(tf.conv2d(x, filter, 1, "same")),
        after: (x: tf.Tensor4D) =>
          tf.fused.conv2d({ x, filter, strides: 1, pad: "same", activation: "relu" }),
        inputs: [random<tf.Rank.R4>([1, 8, 8, 4])],
        remedy: "tf.fused.conv2d",
      });
    });

    it("on a depthwise convolution, a bias and an activation", async () => {
      const filter = weight<tf.Rank.R4>([3, 3, 8, 1]);
      const bias = weight<tf.Rank.R1>([8]);
      await prove({
        rule,
        before: (x: tf.Tensor4D) => tf.depthwiseConv2d(x, filter, 1, "same").add(bias).relu6(),
        after: (x: tf.Tensor4D) =>
          tf.fused.depthwiseConv2d({
            ...{ x, filter, bias },
            strides: 1,
            pad: "same",
            activation: "relu6",
          }),
        inputs: [random<tf.Rank.R4>([1, 32, 32, 8])],
        remedy: "tf.fused.depthwiseConv2d",
      });
    });

    // By their number of outputs and their inner dimension these products run as tfjs's three programs.
    for (const [rows, inner, columns] of [
      [4, 600, 4],
      [64, 128, 64],
      [64, 2048, 64],
    ] as const) {
      it(`on a product of ${rows}×${inner} and ${inner}×${columns}, a bias and an activation`, async () => {
        const [b, bias] = [weight<tf.Rank.R2>([inner, columns]), weight<tf.Rank.R1>([columns])];
        await prove({
          rule,
          before: (a: tf.Tensor2D) => tf.matMul(a, b).add(bias).relu(),
          after: (a: tf.Tensor2D) => tf.fused.matMul({ a, b, bias, activation: "relu" }),
          inputs: [random<tf.Rank.R2>([rows, inner])],
          remedy: "tf.fused.matMul",
        });
      });
    }

    it("on an activation with a weight for each channel, of a convolution and of a product @linux", async () => {
      const filter = weight<tf.Rank.R4>([3, 3, 4, 8]);
      const [bias, alpha] = [weight<tf.Rank.R1>([8]), weight<tf.Rank.R1>([8])];
      const values = valuesOnWebGpu;
      await prove({
        ...{ rule, values },
        before: (x: tf.Tensor4D) => tf.prelu(tf.conv2d(x, filter, 1, "same").add(bias), alpha),
        after: (x: tf.Tensor4D) =>
          tf.fused.conv2d({
            ...{ x, filter, bias, preluActivationWeights: alpha },
            strides: 1,
            pad: "same",
            activation: "prelu",
          }),
        inputs: [random<tf.Rank.R4>([1, 8, 8, 4])],
        remedy: "tf.fused.conv2d",
      });
      const b = weight<tf.Rank.R2>([64, 8]);
      await prove({
        ...{ rule, values },
        before: (a: tf.Tensor2D) => tf.prelu(tf.matMul(a, b), alpha),
        after: (a: tf.Tensor2D) =>
          tf.fused.matMul({ a, b, activation: "prelu", preluActivationWeights: alpha }),
        inputs: [random<tf.Rank.R2>([32, 64])],
        remedy: "tf.fused.matMul",
      });
    });

    it("on a bias of integers, which is cast either way", async () => {
      const b = weight<tf.Rank.R2>([64, 16]);
      const bias = tf.variable(tf.range(0, 16, 1, "int32"));
      await prove({
        rule,
        before: (a: tf.Tensor2D) => tf.matMul(a, b).add(bias),
        after: (a: tf.Tensor2D) => tf.fused.matMul({ a, b, bias }),
        inputs: [random<tf.Rank.R2>([32, 64])],
        remedy: "tf.fused.matMul",
      });
    });

    it("on an activation that is written as a clip", async () => {
      const filter = weight<tf.Rank.R4>([3, 3, 4, 8]);
      const bias = weight<tf.Rank.R1>([8]);
      await prove({
        rule,
        before: (x: tf.Tensor4D) => tf.conv2d(x, filter, 1, "same").add(bias).clipByValue(0, 6),
        after: (x: tf.Tensor4D) =>
          tf.fused.conv2d({ x, filter, bias, strides: 1, pad: "same", activation: "relu6" }),
        inputs: [random<tf.Rank.R4>([1, 16, 16, 4])],
        remedy:
          "tf.fused.conv2d, which takes the bias and the activation, clipByValue(0, 6) as relu6.",
      });
    });

    it("on a relu that is clipped", async () => {
      const b = weight<tf.Rank.R2>([64, 16]);
      for (const clip of [(x: tf.Tensor) => x.clipByValue(0, 6), (x: tf.Tensor) => x.minimum(6)]) {
        await prove({
          rule,
          before: (a: tf.Tensor2D) => clip(tf.matMul(a, b).relu()),
          after: (a: tf.Tensor2D) => tf.fused.matMul({ a, b, activation: "relu6" }),
          inputs: [random<tf.Rank.R2>([32, 64])],
          remedy: "clipByValue(0, 6) as relu6",
        });
      }
    });

    const image = { inputShape: [16, 16, 4], filters: 8, kernelSize: 3, padding: "same" as const };
    for (const [name, layers] of Object.entries({
      "an activation": () => [tf.layers.conv2d({ ...image, activation: "relu6" })],
      "a layer of its own": () => [tf.layers.conv2d({ ...image }), tf.layers.reLU({ maxValue: 6 })],
    })) {
      it(`on a layer's relu6, as ${name}`, async () => {
        await prove({
          rule,
          before: stack(...layers()),
          after: stack(
            new OwnLayer([16, 16, 4], [[3, 3, 4, 8], [8]], (x, weights) =>
              tf.fused.conv2d({
                x: rank4(x),
                filter: rank4(at(weights, 0)),
                bias: at(weights, 1),
                strides: 1,
                pad: "same",
                activation: "relu6",
              }),
            ),
          ),
          inputs: [random<tf.Rank.R4>([1, 16, 16, 4])],
          remedy: "tf.fused.conv2d with the bias and the activation, relu6",
        });
      });
    }

    it("on a bias that stands first", async () => {
      const filter = weight<tf.Rank.R4>([1, 1, 4, 8]);
      const bias = weight<tf.Rank.R1>([8]);
      await prove({
        rule,
        before: (x: tf.Tensor4D) => tf.sigmoid(tf.add(bias, tf.conv2d(x, filter, 1, "same"))),
        after: (x: tf.Tensor4D) =>
          tf.fused.conv2d({
            ...{ x, filter, bias },
            strides: 1,
            pad: "same",
            activation: "sigmoid",
          }),
        inputs: [random<tf.Rank.R4>([1, 8, 8, 4])],
        remedy: "tf.fused.conv2d",
      });
    });
  });

  describe("of a model of layers", () => {
    const image = [8, 8, 3];
    const inputs = () => [random<tf.Rank.R4>([1, 8, 8, 3])];

    it("on a dense layer that does not fuse its activation, and so not its bias", async () => {
      await prove({
        rule,
        before: stack(tf.layers.dense({ inputShape: [64], units: 10, activation: "softmax" })),
        after: stack(tf.layers.dense({ inputShape: [64], units: 10 }), tf.layers.softmax()),
        inputs: [random<tf.Rank.R2>([1, 64])],
        remedy: "Leave the activation out of tf.layers.dense",
      });
    });

    it("on a dense layer of a sequence", async () => {
      const sequence = { inputShape: [5, 64], units: 10 };
      await prove({
        rule,
        before: stack(tf.layers.dense({ ...sequence, activation: "sigmoid" })),
        after: stack(tf.layers.dense(sequence), tf.layers.activation({ activation: "sigmoid" })),
        inputs: [random<tf.Rank.R3>([1, 5, 64])],
        remedy: "Leave the activation out of tf.layers.dense",
      });
    });

    it("on an activation that the layer before could take", async () => {
      const convolution = { inputShape: image, filters: 4, kernelSize: 3 };
      await prove({
        rule,
        before: stack(tf.layers.conv2d(convolution), tf.layers.reLU()),
        after: stack(tf.layers.conv2d({ ...convolution, activation: "relu" })),
        inputs: inputs(),
        remedy: 'Give tf.layers.conv2d the option activation: "relu"',
      });
    });

    it("on a convolution whose activation tf.layers.conv2d does not fuse", async () => {
      const convolution = { inputShape: image, filters: 10, kernelSize: 1 };
      await prove({
        rule,
        before: stack(tf.layers.conv2d({ ...convolution, activation: "sigmoid" })),
        after: stack(
          new OwnLayer(image, [[1, 1, 3, 10], [10]], (x, weights) =>
            tf.fused.conv2d({
              x: rank4(x),
              filter: rank4(at(weights, 0)),
              bias: at(weights, 1),
              strides: 1,
              pad: "valid",
              activation: "sigmoid",
            }),
          ),
        ),
        inputs: inputs(),
        remedy: "a layer of your own that calls tf.fused.conv2d",
      });
    });

    it("on a layer of PReLU @linux", async () => {
      const before = stack(
        tf.layers.conv2d({ inputShape: image, filters: 4, kernelSize: 1, useBias: false }),
        tf.layers.prelu({ sharedAxes: [1, 2] }),
      );
      const after = stack(
        new OwnLayer(
          image,
          [
            [1, 1, 3, 4],
            [1, 1, 4],
          ],
          (x, weights) =>
            tf.fused.conv2d({
              x: rank4(x),
              filter: rank4(at(weights, 0)),
              preluActivationWeights: at(weights, 1),
              strides: 1,
              pad: "valid",
              activation: "prelu",
            }),
        ),
      );
      await prove({
        ...{ rule, before, after },
        inputs: inputs(),
        remedy: "a layer of your own that calls tf.fused.conv2d",
        values: valuesOnWebGpu,
      });
    });

    it("on a depthwise convolution", async () => {
      await prove({
        rule,
        before: stack(
          tf.layers.depthwiseConv2d({ inputShape: image, kernelSize: 3, activation: "relu" }),
        ),
        after: stack(
          new OwnLayer(image, [[3, 3, 3, 1], [3]], (x, weights) =>
            tf.fused.depthwiseConv2d({
              x: rank4(x),
              filter: rank4(at(weights, 0)),
              bias: at(weights, 1),
              strides: 1,
              pad: "valid",
              activation: "relu",
            }),
          ),
        ),
        inputs: inputs(),
        remedy: "tf.fused.depthwiseConv2d",
      });
    });

    it("on a separable convolution, with an activation in a layer of its own", async () => {
      await prove({
        rule,
        before: stack(
          tf.layers.separableConv2d({ inputShape: image, filters: 8, kernelSize: 3 }),
          tf.layers.reLU(),
        ),
        after: stack(
          new OwnLayer(image, [[3, 3, 3, 1], [1, 1, 3, 8], [8]], (x, weights) =>
            tf.fused.conv2d({
              x: tf.depthwiseConv2d(rank4(x), rank4(at(weights, 0)), 1, "valid"),
              filter: rank4(at(weights, 1)),
              bias: at(weights, 2),
              strides: 1,
              pad: "valid",
              activation: "relu",
            }),
          ),
        ),
        inputs: inputs(),
        remedy: "tf.depthwiseConv2d and then tf.fused.conv2d",
      });
    });

    it("on a convolution of one dimension", async () => {
      await prove({
        rule,
        before: stack(
          tf.layers.conv1d({ inputShape: [64, 3], filters: 8, kernelSize: 3 }),
          tf.layers.reLU(),
        ),
        after: stack(
          new OwnLayer([64, 3], [[3, 3, 8], [8]], (x, weights) =>
            tf.fused
              .conv2d({
                x: x.as4D(1, 1, 64, 3),
                filter: at(weights, 0).as4D(1, 3, 3, 8),
                bias: at(weights, 1),
                strides: 1,
                pad: "valid",
                activation: "relu",
              })
              .as3D(1, 62, 8),
          ),
        ),
        inputs: [random<tf.Rank.R3>([1, 64, 3])],
        remedy: "with a filter of height 1",
      });
    });
  });

  describe("is not given", () => {
    const filter = weight<tf.Rank.R4>([3, 3, 3, 8]);
    const bias = weight<tf.Rank.R1>([8]);
    const options = { filter, strides: 1, pad: "same" } as const;
    const programs: Readonly<Record<string, Program>> = {
      "where all is fused": (x: tf.Tensor4D) =>
        tf.fused.conv2d({ x, ...options, bias, activation: "sigmoid" }),
      "where the kernel has a bias": (x: tf.Tensor4D) =>
        tf.fused
          .conv2d({ x, ...options, bias })
          .add(3)
          .relu6(),
      "where a scalar is added": (x: tf.Tensor4D) => tf.conv2d(x, filter, 1, "same").add(3),
      "where something else needs the convolution": (x: tf.Tensor4D) => {
        const y = tf.conv2d(x, filter, 1, "same");
        return [y, y.relu()];
      },
      "where the activation has a weight for each element": (x: tf.Tensor4D) =>
        tf.prelu(tf.conv2d(x, filter, 1, "same"), weight<tf.Rank.R4>([1, 8, 8, 8])),
      "where a residual is added": (x: tf.Tensor4D) =>
        tf.conv2d(x, filter, 1, "same").add(tf.conv2d(x, filter, 1, "same").square()),
    };
    for (const [name, program] of Object.entries(programs)) {
      it(name, async () => {
        const graph = await trace(program, [random<tf.Rank.R4>([1, 8, 8, 3])], {
          device: "virtual",
        });
        const { advice, findings } = advise(graph);
        expect([...advice, ...findings].filter((found) => found.rule === rule)).to.deep.equal([]);
      });
    }
  });
});

import { count } from "@opcounter/counters";
import { parse } from "@opcounter/ir/read";
import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { costOf, figureOf } from "./counted-target.ts";

const ACTIVATIONS = ["relu", "relu6", "elu", "sigmoid", "leakyrelu", "prelu"] as const;
type Activation = (typeof ACTIVATIONS)[number];

function activated(x: tf.Tensor, activation: Activation, slopes: tf.Tensor): tf.Tensor {
  switch (activation) {
    case "leakyrelu":
      return tf.leakyRelu(x, 0.1);
    case "prelu":
      return tf.prelu(x, slopes);
    case "relu":
      return tf.relu(x);
    case "relu6":
      return tf.relu6(x);
    case "elu":
      return tf.elu(x);
    case "sigmoid":
      return tf.sigmoid(x);
  }
}

describe("xla", () => {
  for (const activation of ACTIVATIONS) {
    it(`counts ${activation} alike in a fused kernel and on its own`, async () => {
      const shapes = [[1, 6, 6, 2], [3, 3, 2, 2], [2], [2]];
      type Rank4 = tf.Tensor4D;
      const fused = (x: Rank4, filter: Rank4, bias: tf.Tensor1D, slopes: tf.Tensor) =>
        tf.fused.conv2d({
          x,
          filter,
          strides: 1,
          pad: "same",
          bias,
          activation,
          leakyreluAlpha: 0.1,
          ...(activation === "prelu" ? { preluActivationWeights: slopes } : {}),
        });
      const apart = (x: Rank4, filter: Rank4, bias: tf.Tensor1D, slopes: tf.Tensor) =>
        activated(tf.conv2d(x, filter, 1, "same").add(bias), activation, slopes);
      const [a, b] = [await costOf(fused, shapes, "xla"), await costOf(apart, shapes, "xla")];
      expect(a.byKernel.map(({ kernel }) => kernel)).to.deep.equal(["FusedConv2D"]);
      expect(b.byKernel.length).to.equal(3);
      expect([a.totals.flops, a.totals.transcendentals]).to.deep.equal([
        b.totals.flops,
        b.totals.transcendentals,
      ]);
    });
  }

  it("counts a softmax as its kernels, and a comparison of each row's maximum", async () => {
    const apart = (x: tf.Tensor) => {
      const e = tf.exp(tf.sub(x, tf.max(x, -1, true)));
      return tf.div(e, tf.sum(e, -1, true));
    };
    const whole = await costOf((x: tf.Tensor) => tf.softmax(x), [[3, 5]], "xla");
    const parts = await costOf(apart, [[3, 5]], "xla");
    expect([whole.flops, whole.totals.transcendentals]).to.deep.equal([54 + 3, 15]);
    expect([parts.flops, parts.totals.transcendentals]).to.deep.equal([54, 15]);
  });

  it("rounds the logarithm of a transform down", async () => {
    const transform = (x: tf.Tensor) => tf.fft(tf.complex(x, x));
    for (const [length, log] of [
      [1, 0],
      [2, 1],
      [7, 2],
      [8, 3],
      [9, 3],
    ] as const) {
      expect(await figureOf(transform, [[3, length]], "xla")).to.equal(8 * 3 * length * log);
    }
  });

  it("resizes by the axis first that is cheaper, and not along an axis that stays", async () => {
    const resize = (size: [number, number]) => (x: tf.Tensor4D) => tf.image.resizeBilinear(x, size);
    const weights = (before: number, after: number) =>
      9 * before * after + (before - 1 + 10) * after + 3;
    // 4 × 6 pixels of 3 channels to 8 × 2: width first, 2·(4·6·3)·2 pairs, then height.
    const shape = [1, 4, 6, 3];
    expect(await figureOf(resize([8, 2]), [shape], "xla")).to.equal(
      2 * (4 * 6 * 3 * 2 + 4 * 2 * 3 * 8) + weights(4, 8) + weights(6, 2),
    );
    expect(await figureOf(resize([4, 12]), [shape], "xla")).to.equal(
      2 * (4 * 6 * 3 * 12) + weights(6, 12),
    );
  });

  it("leaves out the taps on padding, whatever rounds the number of windows", async () => {
    // Windows of 3 over 8 pixels with stride 2: 3 + 3 + 3 + 2 taps an axis when rounded up.
    const rounded = (x: tf.Tensor4D, filter: tf.Tensor4D) =>
      tf.conv2d(x, filter, 2, 0, "NHWC", 1, "ceil");
    const shapes = [
      [1, 8, 8, 1],
      [3, 3, 1, 1],
    ];
    expect(await figureOf(rounded, shapes, "xla")).to.equal(2 * 11 * 11);
  });

  it("counts a convolution over any length at once", () => {
    const graph = parse(`graph "long" device=virtual {
%x = input "x" : f32[1,100000000,1,1]
%f = param "f" : f32[524288,1,1,1]
%0 = Conv2D(x=%x, filter=%f) {strides=[1,1], pad="same", dataFormat="NHWC", dilations=[1,1]} : f32[1,100000000,1,1]
return %0
}
`);
    // At either end, half of the filter falls on padding, one tap less at each further position.
    const [half, length] = [2n ** 18n, 10n ** 8n];
    const taps = 2n * half * length - (half * (half - 1n) + half * (half + 1n)) / 2n;
    expect(count(graph, { convention: "xla" }).flops).to.equal(Number(2n * taps));
  });

  it("counts 3-D convolutions, and the division of an average", async () => {
    const conv = (x: tf.Tensor5D, filter: tf.Tensor5D) => tf.conv3d(x, filter, 1, "same");
    const shapes = [
      [1, 4, 4, 4, 2],
      [3, 3, 3, 2, 5],
    ];
    expect(await figureOf(conv, shapes, "xla")).to.equal(2 * 10 ** 3 * 2 * 5);
    const mean = (x: tf.Tensor) => tf.mean(x, 1);
    expect(await figureOf(mean, [[2, 10]], "xla")).to.equal(18 + 2);
  });
});

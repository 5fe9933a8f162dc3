import { count } from "@opcounter/counters";
import { openDevice, trace, traceTraining, withBackend } from "@opcounter/tracer";
import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { costOf, figureOf } from "./counted-target.ts";

describe("conventions", () => {
  describe("gradients and transposed convolutions", () => {
    // A valid convolution of 3 × 3 on 6 × 6 pixels: 16 positions, no tap on padding.
    const MACS = 16 * 9 * 2 * 3;
    const gradients = (x: tf.Tensor4D, filter: tf.Tensor4D) =>
      tf.grads((x: tf.Tensor, filter: tf.Tensor) =>
        tf.conv2d(x as tf.Tensor4D, filter as tf.Tensor4D, 1, "valid"),
      )([x, filter], tf.ones([1, 4, 4, 3]));
    const shapes = [
      [1, 6, 6, 2],
      [3, 3, 2, 3],
    ];
    const byKernel = async (convention: string, target: typeof gradients, shapes: number[][]) => {
      const { byKernel } = await costOf(target, shapes, convention);
      return Object.fromEntries(byKernel.map(({ kernel, macs, flops }) => [kernel, macs ?? flops]));
    };

    it("count as the convolution does under torch and xla", async () => {
      for (const convention of ["torch", "xla"]) {
        expect(await byKernel(convention, gradients, shapes)).to.include({
          Conv2DBackpropInput: 2 * MACS,
          Conv2DBackpropFilter: 2 * MACS,
        });
      }
    });

    it("count by TensorFlow's rule under tf-profiler: by the input's elements", async () => {
      expect(await byKernel("tf-profiler", gradients, shapes)).to.include({
        Conv2DBackpropInput: (2 * 72 * 54) / 2,
        Conv2DBackpropFilter: (2 * 72 * 54) / 2,
      });
    });

    it("count in depthwise convolutions too", async () => {
      const depthwise = (x: tf.Tensor4D, filter: tf.Tensor4D) =>
        tf.grads((x: tf.Tensor, filter: tf.Tensor) =>
          tf.depthwiseConv2d(x as tf.Tensor4D, filter as tf.Tensor4D, 1, "valid"),
        )([x, filter], tf.ones([1, 4, 4, 4]));
      const macs = 16 * 9 * 4;
      for (const convention of ["torch", "xla"]) {
        expect(
          await byKernel(convention, depthwise, [
            [1, 6, 6, 2],
            [3, 3, 2, 2],
          ]),
        ).to.include({
          DepthwiseConv2dNativeBackpropInput: 2 * macs,
          // torch takes the gradient's batch for its channels, of which there are 2.
          DepthwiseConv2dNativeBackpropFilter: (convention === "torch" ? 4 : 2) * macs,
        });
      }
    });

    it("count by the input of a transposed convolution, in two and three dimensions", async () => {
      const two = (x: tf.Tensor4D, filter: tf.Tensor4D) =>
        tf.conv2dTranspose(x, filter, [1, 8, 8, 3], 2, "same");
      const three = (x: tf.Tensor5D, filter: tf.Tensor5D) =>
        tf.conv3dTranspose(x, filter, [1, 8, 8, 8, 3], 2, "same");
      const shapesOfTwo = [
        [1, 4, 4, 5],
        [3, 3, 3, 5],
      ];
      const shapesOfThree = [
        [1, 4, 4, 4, 5],
        [3, 3, 3, 3, 5],
      ];
      for (const [convention, flops] of [
        ["fvcore", 1],
        ["ptflops", 1],
        ["torch", 2],
      ] as const) {
        expect(await figureOf(two, shapesOfTwo, convention)).to.equal(flops * 16 * 5 * 9 * 3);
        expect(await figureOf(three, shapesOfThree, convention)).to.equal(flops * 64 * 5 * 27 * 3);
      }
      // thop counts over the output.
      expect(await figureOf(three, shapesOfThree, "thop@head")).to.equal(512 * 3 * 5 * 27);
    });
  });

  describe("global pooling", () => {
    const shape = [1, 4, 4, 2];
    const figures = async (target: Parameters<typeof trace>[0], shape: readonly number[]) => [
      await figureOf(target, [shape], "thop@head"),
      await figureOf(target, [shape], "fvcore"),
    ];

    it("is a mean over the axes of an image, however they are named", async () => {
      for (const axes of [
        [1, 2],
        [2, 1],
        [-3, -2],
        [-2, 1],
      ]) {
        expect(await figures((x: tf.Tensor) => tf.mean(x, axes), shape)).to.deep.equal([34, 32]);
      }
      const model = tf.sequential();
      const dataFormat = "channelsFirst" as const;
      model.add(tf.layers.globalAveragePooling2d({ inputShape: [2, 4, 4], dataFormat }));
      expect(await figures(model, [1, 2, 4, 4])).to.deep.equal([34, 32]);
      model.dispose();
    });

    it("is a pool whose window is the image, and no other", async () => {
      const pool = (size: number) => (x: tf.Tensor) =>
        tf.avgPool(x as tf.Tensor4D, size, size, "valid");
      expect(await figureOf(pool(4), [shape], "fvcore")).to.equal(32);
      // A window of 2 on 3 × 3 pixels gives one pixel, and is no global pooling.
      expect(await figureOf(pool(2), [[1, 3, 3, 2]], "fvcore")).to.equal(0);
    });

    it("is no mean over another pair of axes", async () => {
      expect(await figures((x: tf.Tensor) => tf.mean(x, [0, 1]), shape)).to.deep.equal([0, 0]);
    });
  });

  it("count a model inside a model by its layers, and pooling over a sequence", async () => {
    const model = tf.sequential();
    model.add(tf.layers.globalAveragePooling1d({ inputShape: [6, 3] }));
    expect(await figureOf(model, [[2, 6, 3]], "thop@head")).to.equal(42);
    model.dispose();
    const x = tf.input({ shape: [3] });
    const y = tf.layers.dense({ units: 4, useBias: false }).apply(x) as tf.SymbolicTensor;
    const inner = tf.model({ inputs: x, outputs: y });
    // The class that Keras gives such models in its files.
    inner.getClassName = () => "Functional";
    const nested = tf.sequential({ layers: [tf.layers.inputLayer({ inputShape: [3] }), inner] });
    expect(await figureOf(nested, [[1, 3]], "thop@head")).to.equal(12);
    nested.dispose();
  });

  it("count pools with unequal sides as thop does, whose sides are then a tuple", async () => {
    const pool = (x: tf.Tensor) => tf.avgPool(x as tf.Tensor4D, [2, 4], [2, 4], "valid");
    expect(await figureOf(pool, [[1, 8, 8, 3]], "thop@2019-09")).to.equal((8 + 1) * 24);
  });

  it("count a layer whole where a pattern crosses its edge, and only once", async () => {
    class ExpLayer extends tf.layers.Layer {
      static className = "ExpLayer";
      override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
        const [x] = [inputs].flat();
        if (x === undefined) throw new Error("no input");
        return tf.exp(x);
      }
      override computeOutputShape(shape: tf.Shape): tf.Shape {
        return shape;
      }
    }
    const layer = new ExpLayer({});
    const softmax = (x: tf.Tensor) => {
      const e = layer.apply(x) as tf.Tensor;
      return tf.div(e, tf.sum(e, -1, true));
    };
    const device = await openDevice("virtual");
    const graph = await withBackend(device, () => trace(softmax, [tf.ones([2, 3])], { device }));
    const counters = { layers: { ExpLayer: () => ({ macs: 100 }) } };
    expect(count(graph, { convention: "thop@head", counters }).macs).to.equal(100);
  });

  it("are compared forward and backward with what layers count as a whole", async () => {
    const device = await openDevice("virtual");
    const model = tf.sequential();
    model.add(tf.layers.dense({ units: 4, inputShape: [3] }));
    const graph = await withBackend(device, () =>
      traceTraining(model, [tf.ones([2, 3])], { device }),
    );
    model.dispose();
    const counters = { layers: { Dense: () => ({ macs: 100 }) } };
    expect(count(graph, { counters }).training?.forwardMacs).to.equal(100);
  });

  it("count by what TensorFlow's profiler has statistics for", async () => {
    const figure = (target: (x: tf.Tensor) => tf.Tensor) =>
      figureOf(target, [[2, 5]], "tf-profiler");
    expect(await figure((x) => tf.rsqrt(x))).to.equal(20);
    expect(await figure((x) => tf.log(x))).to.equal(10);
    expect(await figure((x) => tf.squaredDifference(x, x))).to.equal(20);
    expect(await figure((x) => tf.argMax(x, 1))).to.equal(8);
    expect(await figure((x) => tf.relu(x))).to.equal(0);
    expect(await figure((x) => tf.logicalNot(tf.cast(x, "bool")))).to.equal(0);
    expect(await figure((x) => tf.einsum("ij,kj->ik", x, x))).to.equal(0);
  });
});

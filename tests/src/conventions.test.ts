import { type CostReport, count } from "@opcounter/counters";
import { type Graph, parse } from "@opcounter/ir";
import { closeDevices, openDevice, trace, traceTraining, withBackend } from "@opcounter/tracer";
import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";

type Shapes = readonly (readonly number[])[];

/** The graph of a function of zeros of these shapes, traced on the virtual device. */
async function graphOf(target: Parameters<typeof trace>[0], shapes: Shapes): Promise<Graph> {
  const device = await openDevice("virtual");
  return withBackend(device, async () => {
    const inputs = shapes.map((shape) => tf.zeros([...shape]));
    return trace(target, inputs, { device }).finally(() => tf.dispose(inputs));
  });
}

/** What a function costs under a convention. */
async function costOf(
  target: Parameters<typeof trace>[0],
  shapes: Shapes,
  convention: string,
): Promise<CostReport> {
  return count(await graphOf(target, shapes), { convention, strict: true });
}

async function figureOf(...args: Parameters<typeof costOf>): Promise<number | bigint | null> {
  const { macs, flops } = await costOf(...args);
  return macs ?? flops;
}

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

describe("conventions", () => {
  after(closeDevices);

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
      const resize = (size: [number, number]) => (x: tf.Tensor4D) =>
        tf.image.resizeBilinear(x, size);
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

  describe("fvcore", () => {
    const shape = [10, 5, 5, 10];
    const normalize = (x: tf.Tensor, scale?: tf.Tensor, offset?: tf.Tensor) => {
      const { mean, variance } = tf.moments(x, [0, 1, 2]);
      return tf.batchNorm(
        x as tf.Tensor4D,
        mean as tf.Tensor1D,
        variance as tf.Tensor1D,
        offset as tf.Tensor1D,
        scale as tf.Tensor1D,
      );
    };

    it("counts batch normalization by the batch's own statistics as training", async () => {
      // As fvcore's own tests have it, of 10 × 5 × 5 × 10.
      expect(await figureOf(normalize, [shape], "fvcore")).to.equal(10_000);
      expect(await figureOf(normalize, [shape, [10], [10]], "fvcore")).to.equal(12_500);
      const flat = (x: tf.Tensor) => {
        const { mean, variance } = tf.moments(x, 0);
        return tf.batchNorm(x as tf.Tensor2D, mean as tf.Tensor1D, variance as tf.Tensor1D);
      };
      expect(await figureOf(flat, [[10, 50]], "fvcore")).to.equal(4 * 500);
    });

    it("counts it as inference by statistics that come from elsewhere", async () => {
      const given = (x: tf.Tensor, mean: tf.Tensor) =>
        tf.batchNorm(x as tf.Tensor4D, mean.neg() as tf.Tensor1D, mean as tf.Tensor1D);
      expect(await figureOf(given, [shape, [10]], "fvcore")).to.equal(2_500);
    });

    it("counts the einsums of its own tests", async () => {
      const figure = (equation: string, shapes: Shapes) =>
        figureOf((...xs: tf.Tensor[]) => tf.einsum(equation, ...xs), shapes, "fvcore");
      expect(
        await figure("nct,ncp->ntp", [
          [1, 5, 2],
          [1, 5, 12],
        ]),
      ).to.equal(5 * 2 * 12);
      expect(
        await figure("ntg,ncg->nct", [
          [1, 2, 5],
          [1, 12, 5],
        ]),
      ).to.equal(2 * 5 * 12);
      expect(
        await figure("nctg,gvn->ctv", [
          [2, 3, 4, 5],
          [5, 6, 2],
        ]),
      ).to.equal(2 * 3 * 4 * 5 * 6);
      // Other equations are half of what numpy prints, with four digits: 12,345 pairs, and an outer product.
      expect(await figure("ij,j->i", [[5, 2469], [2469]])).to.equal(12_345);
      expect(
        await figure("ij,jk->ik", [
          [123, 457],
          [457, 61],
        ]),
      ).to.equal(3_429_000);
      expect(await figure("i,j->ij", [[4], [5]])).to.equal(10);
    });
  });

  describe("an einsum", () => {
    const figures = async (equation: string, shapes: Shapes) => {
      const graph = await graphOf((...xs: tf.Tensor[]) => tf.einsum(equation, ...xs), shapes);
      const { macs, flops } = count(graph);
      const others = ["ptflops", "torch", "xla"].map((convention) => {
        const report = count(graph, { convention });
        return report.macs ?? report.flops;
      });
      return { macs, flops, others };
    };

    it("that sums over no index has no MACs, and one product per element", async () => {
      const outer = await figures("i,j->ij", [[512], [64]]);
      expect(outer).to.deep.equal({ macs: 0, flops: 32_768, others: [0, 0, 65_536] });
      const hadamard = await figures("ij,ij->ji", [
        [3, 5],
        [3, 5],
      ]);
      expect([hadamard.macs, hadamard.flops]).to.deep.equal([0, 15]);
    });

    it("of one operand has additions where it sums, and nothing where it reorders", async () => {
      expect(await figures("ij->j", [[4, 5]])).to.include({ macs: 0, flops: 15 });
      expect(await figures("ij->ji", [[4, 5]])).to.include({ macs: 0, flops: 0 });
    });

    it("that sums over an index of one operand alone contracts all the same", async () => {
      const shapes = [
        [4, 5],
        [5, 6],
      ];
      expect(await figures("ij,jk->k", shapes)).to.deep.include({ macs: 120, flops: 240 });
      expect(await figures("ij,jk->ik", shapes)).to.deep.equal({
        macs: 120,
        flops: 240,
        others: [120, 240, 240],
      });
    });
  });
});

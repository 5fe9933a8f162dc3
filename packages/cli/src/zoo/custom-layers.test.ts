import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import fc from "fast-check";
import {
  adaptiveAveragePooling,
  ceilMaxPooling,
  groupedConvolution,
  linear,
  operationLayer,
  spatialMean,
} from "./custom-layers.ts";

type Image = [batch: number, height: number, width: number, channels: number];

/** An image of distinct numbers, so that no two pixels can be mistaken for each other. */
function image(shape: Image): tf.Tensor4D {
  const size = shape.reduce((product, side) => product * side, 1);
  return tf.tidy(() => tf.range(0, size).sin().reshape(shape));
}

/** A grouped convolution by its definition: each group convolved on its own. */
function convolveByGroups(
  x: tf.Tensor4D,
  kernel: tf.Tensor4D,
  groups: number,
  stride: number,
  padding: "same" | "valid",
): tf.Tensor {
  const [height, width, channels, share] = kernel.shape;
  const inputs = channels / groups;
  const parts = tf.split<tf.Tensor4D>(x, groups, 3).map((part, group) => {
    const start: [number, number, number, number] = [0, 0, group * inputs, 0];
    const filter = tf.slice4d(kernel, start, [height, width, inputs, share]);
    return tf.conv2d(part, filter, stride, padding);
  });
  return tf.concat(parts, 3);
}

describe("custom layers", () => {
  before(async () => {
    await tf.setBackend("cpu");
  });
  beforeEach(() => {
    tf.engine().startScope();
  });
  afterEach(() => {
    tf.engine().endScope();
  });

  it("a grouped convolution convolves each group on its own", () => {
    const sizes = fc.record({
      groups: fc.integer({ min: 1, max: 4 }),
      inputs: fc.integer({ min: 1, max: 3 }),
      outputs: fc.integer({ min: 1, max: 3 }),
      height: fc.integer({ min: 3, max: 7 }),
      width: fc.integer({ min: 3, max: 7 }),
      // TensorFlow.js's depthwise convolution takes one stride for both sides.
      stride: fc.integer({ min: 1, max: 2 }),
      window: fc.constantFrom<[number, number]>([1, 1], [3, 3], [1, 3]),
      padding: fc.constantFrom("same" as const, "valid" as const),
    });
    fc.assert(
      fc.property(sizes, ({ groups, inputs, outputs, height, width, stride, window, padding }) => {
        const x = image([2, height, width, groups * inputs]);
        const convolution = groupedConvolution(tf, {
          channels: groups * inputs,
          filters: groups * outputs,
          kernelSize: window,
          stride,
          padding,
          groups,
        });
        const layer = operationLayer(tf, "GroupedConv2D", "grouped", convolution);
        // The first call builds the layer, with weights of zero.
        layer.apply(x);
        const kernel = image([...window, groups * inputs, outputs]);
        layer.setWeights([kernel]);
        const y = layer.apply(x) as tf.Tensor;
        const expected = convolveByGroups(x, kernel, groups, stride, padding);
        expect(y.shape).to.deep.equal(expected.shape);
        expect(layer.computeOutputShape(x.shape)).to.deep.equal(expected.shape);
        expect(tf.max(tf.abs(tf.sub(y, expected))).dataSync()[0]).to.be.below(1e-5);
        layer.dispose();
      }),
      { numRuns: 60 },
    );
  });

  it("a grouped convolution refuses channels that do not split", () => {
    const convolve = () =>
      groupedConvolution(tf, {
        channels: 6,
        filters: 8,
        kernelSize: [3, 3],
        stride: 1,
        padding: "same",
        groups: 4,
      });
    expect(convolve).to.throw("6 channels do not split into 8 in 4 groups");
  });

  it("adaptive average pooling takes the mean of equal windows", () => {
    const { compute, outputShape } = adaptiveAveragePooling(tf, 2);
    const x = image([1, 6, 4, 3]);
    const y = compute(x);
    expect(y.shape).to.deep.equal([1, 2, 2, 3]);
    expect(outputShape?.([null, null, null, 3])).to.deep.equal([null, 2, 2, 3]);
    const corner = tf.mean(tf.slice(x, [0, 3, 2, 0], [1, 3, 2, 3]), [0, 1, 2]);
    const difference = tf.sub(tf.slice(y, [0, 1, 1, 0], [1, 1, 1, 3]).flatten(), corner);
    expect(tf.max(tf.abs(difference)).dataSync()[0]).to.be.below(1e-6);
  });

  it("adaptive average pooling leaves an image of its own size as it is", () => {
    const x = image([1, 7, 7, 2]);
    const y = adaptiveAveragePooling(tf, 7).compute(x);
    expect(y.dataId).to.equal(x.dataId);
  });

  it("adaptive average pooling refuses sizes that do not divide", () => {
    expect(() => adaptiveAveragePooling(tf, 7).compute(image([1, 8, 8, 1]))).to.throw("8x8");
  });

  it("max pooling that rounds up has a last window that sticks out", () => {
    const { compute, outputShape } = ceilMaxPooling(tf, 3, 2);
    const x = tf.range(0, 36).reshape([1, 6, 6, 1]) as tf.Tensor4D;
    const y = compute(x);
    expect(y.shape).to.deep.equal([1, 3, 3, 1]);
    expect(outputShape?.([1, 6, 6, 1])).to.deep.equal([1, 3, 3, 1]);
    expect([...y.dataSync()]).to.deep.equal([14, 16, 17, 26, 28, 29, 32, 34, 35]);
  });

  it("the spatial mean keeps batch and channels", () => {
    const { compute, outputShape } = spatialMean(tf);
    const y = compute(image([2, 3, 5, 4]));
    expect(y.shape).to.deep.equal(outputShape?.([2, 3, 5, 4]));
  });

  it("a linear layer is tfjs's dense layer on each vector", () => {
    const x = image([2, 3, 5, 4]);
    const layer = operationLayer(tf, "Dense", "linear", linear(tf, 4, 3));
    const dense = tf.layers.dense({ units: 3 });
    layer.apply(x);
    const expected = dense.apply(x) as tf.Tensor;
    const weights = [image([1, 1, 4, 3]).reshape([4, 3]), tf.range(0, 3)];
    for (const each of [layer, dense]) each.setWeights(weights);
    const y = layer.apply(x) as tf.Tensor;
    expect(layer.computeOutputShape(x.shape)).to.deep.equal(expected.shape);
    expect(tf.max(tf.abs(tf.sub(y, dense.apply(x) as tf.Tensor))).dataSync()[0]).to.be.below(1e-5);
    for (const each of [layer, dense]) each.dispose();
  });

  it("one class a name and copy of tfjs", () => {
    const compute = (x: tf.Tensor) => tf.relu(x);
    const first = operationLayer(tf, "FunctionCall", "first", { compute });
    const second = operationLayer(tf, "FunctionCall", "second", { compute });
    expect(first.constructor).to.equal(second.constructor);
    expect(first.getClassName()).to.equal("FunctionCall");
    expect(first).to.be.instanceOf(tf.layers.Layer);
  });
});

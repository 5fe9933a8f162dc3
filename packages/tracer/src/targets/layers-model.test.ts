import { formatScope } from "@opcounter/ir";
import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { rejection } from "../../testing/rejection.ts";
import { smallLayersModel } from "../../testing/small-models.ts";
import { trace } from "../index.ts";

describe("a trace of a LayersModel", () => {
  before(async () => {
    await tf.setBackend("cpu");
  });

  it("records the kernels of each layer under its name, nested models included", async () => {
    const graph = await trace(smallLayersModel(), [tf.zeros([2, 8, 8, 4])], {
      device: "virtual",
    });
    expect(graph.name).to.equal("small");
    expect(graph.device).to.equal("virtual");
    expect(new Set(graph.ops.map(({ scope }) => formatScope(scope)))).to.deep.equal(
      new Set(["inner/conv", "inner/norm", "pool", "raw/pool", "shared", "sum", "head/fc"]),
    );
    const classes = graph.calls.map(({ className, scope }) => [formatScope(scope), className]);
    expect(classes).to.deep.include.members([
      ["inner", "Sequential"],
      ["inner/conv", "Conv2D"],
      ["inner/norm", "BatchNormalization"],
      ["raw/pool", "GlobalAveragePooling2D"],
      ["sum", "Add"],
    ]);
    const conv = graph.calls.find(({ className }) => className === "Conv2D");
    expect(graph.calls[conv?.parent ?? -1]?.className).to.equal("Sequential");
    expect(graph.ops.find(({ kernel }) => kernel === "FusedConv2D")?.call).to.equal(conv?.id);
    expect(conv?.params.map((id) => graph.values[id]?.shape)).to.deep.equal([[3, 3, 4, 4], [4]]);
  });

  it("tells parameters, statistics and constants apart, and counts a shared layer's once", async () => {
    const model = smallLayersModel();
    model.getLayer("shared").trainable = false;
    const graph = await trace(model, [tf.zeros([1, 8, 8, 4])], { device: "virtual" });
    const params = graph.values.filter((value) => value.kind === "param");
    const described = params.map(({ name, role, trainable }) => `${name} ${role} ${trainable}`);
    expect(described.sort()).to.deep.equal([
      "conv/bias weight true",
      "conv/kernel weight true",
      "head/fc/bias weight true",
      "head/fc/kernel weight true",
      "norm/beta weight true",
      "norm/gamma weight true",
      "norm/moving_mean statistic false",
      "norm/moving_variance statistic false",
      "shared/bias weight false",
      "shared/kernel weight false",
    ]);
    const calls = graph.calls.filter(({ scope }) => formatScope(scope) === "shared");
    expect(calls).to.have.length(2);
    expect(calls[0]?.params).to.deep.equal(calls[1]?.params);
  });

  it("leaves the model's values and tfjs as they were", async () => {
    const model = smallLayersModel();
    const input = tf.randomNormal([1, 8, 8, 4]);
    const expected = tf.tidy(() => Array.from((model.predict(input) as tf.Tensor).dataSync()));
    const memory = tf.memory();
    const apply = tf.layers.Layer.prototype.apply;
    const runKernel = Object.hasOwn(tf.engine(), "runKernel");
    await trace(model, [input], { device: "virtual" });
    expect(tf.memory()).to.deep.equal(memory);
    expect(tf.getBackend()).to.equal("cpu");
    expect(tf.layers.Layer.prototype.apply).to.equal(apply);
    expect(Object.hasOwn(tf.engine(), "runKernel")).to.equal(runKernel);
    expect(tf.engine().registryFactory).to.not.have.property("webgpu");
    const again = tf.tidy(() => Array.from((model.predict(input) as tf.Tensor).dataSync()));
    expect(again).to.deep.equal(expected);
  });

  it("says what input was expected and what was given", async () => {
    const model = smallLayersModel();
    expect(await rejection(trace(model, [tf.zeros([1, 9, 8, 4])], { device: "virtual" }))).to.equal(
      'Input "image" must be f32[?,8,8,4], and the tensor given is f32[1,9,8,4].',
    );
    expect(await rejection(trace(model, [], { device: "virtual" }))).to.equal(
      "The model takes 1 input (image: f32[?,8,8,4]), and 0 were given.",
    );
  });
});

import { formatScope, type Graph, paramsOf, recordingOf, sizeOf, valueAt } from "@opcounter/ir";
import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { trace, traceTraining } from "./index.ts";

function convolutionalModel(): tf.LayersModel {
  return tf.sequential({
    layers: [
      tf.layers.conv2d({ name: "conv1", inputShape: [8, 8, 3], filters: 4, kernelSize: 3 }),
      tf.layers.batchNormalization({ name: "norm" }),
      tf.layers.conv2d({ name: "conv2", filters: 4, kernelSize: 3, activation: "relu" }),
      tf.layers.flatten({ name: "flatten" }),
      tf.layers.dense({ name: "fc", units: 5 }),
    ],
  });
}

/** Kernels by phase, which is the outermost scope. */
function kernels(graph: Graph, phase: string): string[] {
  return graph.ops.filter(({ scope }) => scope[0] === phase).map(({ kernel }) => kernel);
}

describe("traceTraining", () => {
  before(async () => {
    await tf.setBackend("cpu");
  });

  it("records forward, backward and update apart", async () => {
    const model = convolutionalModel();
    const graph = await traceTraining(model, [tf.ones([2, 8, 8, 3])], { device: "virtual" });
    expect(new Set(graph.ops.map(({ scope }) => scope[0]))).to.deep.equal(
      new Set(["forward", "backward", "update"]),
    );
    const convolutions = kernels(graph, "forward").filter((kernel) => /Conv2D$/.test(kernel));
    expect(convolutions).to.have.length(2);
    expect(kernels(graph, "backward")).to.include.members([
      "Conv2DBackpropFilter",
      "Conv2DBackpropInput",
    ]);
    // A product and a difference for each of the eight trainable weights.
    expect(kernels(graph, "update").filter((kernel) => kernel === "Sub")).to.have.length(8);
    const scopes = new Set(graph.ops.map(({ scope }) => formatScope(scope)));
    expect(
      [...scopes].some((scope) => scope.startsWith("forward/") && scope.endsWith("conv2")),
    ).to.equal(true);
    expect([...scopes]).to.include("forward/loss");
    // A gradient stands beside the layer whose gradient it is.
    const convolved = (phase: string) => {
      const scope = [...scopes].find((name) => name.startsWith(phase) && name.endsWith("/conv2"));
      return scope?.slice(phase.length);
    };
    expect(convolved("backward")).to.be.a("string").and.to.equal(convolved("forward"));
  });

  it("tells its own scopes from layers and scopes that are called as they are", async () => {
    const dense = (name: string) =>
      tf.layers.dense({ name, units: 3, inputShape: [3], activation: "relu" });
    const model = tf.sequential({ layers: [dense("forward"), dense("backward")] });
    const graph = await traceTraining(model, [tf.ones([1, 3])], { device: "virtual" });
    const products = graph.ops.filter(({ kernel }) => /MatMul$/.test(kernel));
    const scopes = new Set(products.map(({ scope }) => formatScope(scope)));
    const name = model.name;
    expect([...scopes].sort()).to.deep.equal(
      ["backward", "forward"].flatMap((phase) =>
        ["backward", "forward"].map((layer) => `${phase}/${name}/${layer}`),
      ),
    );
    expect(recordingOf(graph)?.isTraining).to.equal(true);
    const program = (x: tf.Tensor2D) => {
      const y = tf.tidy("forward", () => x.matMul<tf.Tensor2D>(x));
      return tf.tidy("backward", () => y.matMul(x));
    };
    const other = await trace(program, [tf.ones([3, 3])], { device: "virtual" });
    expect(recordingOf(other)?.isTraining).to.equal(false);
  });

  it("updates every trainable weight, in its shape", async () => {
    const model = convolutionalModel();
    const graph = await traceTraining(model, [tf.ones([1, 8, 8, 3])], { device: "virtual" });
    const updated = graph.ops.filter(
      ({ scope, kernel }) => scope[0] === "update" && kernel === "Sub",
    );
    const elements = updated.reduce(
      (sum, op) => sum + sizeOf(valueAt(graph, op.results[0] ?? 0).shape),
      0,
    );
    const trainable = model.trainableWeights.reduce(
      (sum, { shape }) => sum + sizeOf(shape.map(Number)),
      0,
    );
    expect(elements).to.equal(trainable);
  });

  it("leaves weights, statistics and memory as they were", async () => {
    const model = convolutionalModel();
    const input = tf.randomNormal([2, 8, 8, 3]);
    const values = () => model.getWeights().map((weight) => Array.from(weight.dataSync()));
    const before = values();
    const memory = tf.memory();
    await traceTraining(model, [input], { device: "virtual" });
    expect(values()).to.deep.equal(before);
    expect(tf.memory()).to.deep.equal(memory);
    expect(tf.getBackend()).to.equal("cpu");
  });

  it("leaves what a stateful layer keeps as it was", async () => {
    const layer = tf.layers.lstm({ units: 3, batchInputShape: [1, 4, 2], stateful: true });
    const model = tf.sequential({ layers: [layer, tf.layers.dense({ units: 1 })] });
    const input = tf.ones([1, 4, 2]);
    const kept = () => Reflect.get(layer, "keptStates");
    const state = () => Array.from(Reflect.get(layer, "states_")[0].dataSync());
    tf.dispose(model.predict(input));
    tf.dispose(model.apply(input, { training: true }) as tf.Tensor);
    const [keptBefore, stateBefore, memory] = [[...kept()], state(), tf.memory()];
    await traceTraining(model, [input], { device: "virtual" });
    await traceTraining(model, [input], { device: "virtual" });
    expect(kept()).to.deep.equal(keptBefore).and.to.have.length(1);
    expect(state()).to.deep.equal(stateBefore);
    expect(tf.memory()).to.deep.equal(memory);
    model.resetStates();
  });

  it("neither updates a layer that is made frozen, nor computes its gradients", async () => {
    const conv = (name: string, trainable: boolean) =>
      tf.layers.conv2d({ name, trainable, filters: 4, kernelSize: 3, inputShape: [8, 8, 3] });
    const model = tf.sequential({ layers: [conv("fixed", false), conv("learned", true)] });
    const graph = await traceTraining(model, [tf.ones([1, 8, 8, 3])], { device: "virtual" });
    const trainable = paramsOf(graph).filter((param) => param.trainable);
    expect(trainable.map(({ name }) => name)).to.deep.equal(["learned/kernel", "learned/bias"]);
    expect(kernels(graph, "update").filter((kernel) => kernel === "Sub")).to.have.length(2);
    const scopes = new Set(graph.ops.map(({ scope }) => scope.at(-1)));
    expect(scopes.has("fixed")).to.equal(true);
    const backward = graph.ops.filter(({ scope }) => scope[0] === "backward");
    expect(backward.some(({ scope }) => scope.includes("fixed"))).to.equal(false);
  });

  it("refuses what cannot be trained", async () => {
    const refusal = async (promise: Promise<unknown>) =>
      promise.then(
        () => "",
        (error: Error) => error.message,
      );
    expect(await refusal(traceTraining(() => 1, []))).to.include("Only a LayersModel");
    const frozen = convolutionalModel();
    frozen.trainable = false;
    expect(await refusal(traceTraining(frozen, [tf.ones([1, 8, 8, 3])]))).to.include(
      "no trainable",
    );
  });
});

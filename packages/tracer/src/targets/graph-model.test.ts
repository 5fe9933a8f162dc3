import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { kernelsByScope } from "../../testing/kernels-by-scope.ts";
import { smallGraphModel } from "../../testing/small-models.ts";
import { trace } from "../index.ts";

describe("a trace of a GraphModel", () => {
  before(async () => {
    await tf.setBackend("cpu");
  });

  it("records each node's kernels under the node's name", async () => {
    const model = await smallGraphModel();
    const memory = tf.memory();
    const input = tf.zeros([1, 8, 8, 2]);
    const graph = await trace(model, [input], { device: "virtual" });
    input.dispose();
    expect(kernelsByScope(graph)).to.deep.equal([
      "block/conv/Conv2D: FusedConv2D",
      "block/Mean: Mean",
      "head/MatMul: BatchMatMul",
    ]);
    expect(graph.calls.map(({ kind, className }) => `${kind} ${className}`)).to.include.members([
      "node _FusedConv2D",
      "node Mean",
      "node MatMul",
    ]);
    const params = graph.values.filter((value) => value.kind === "param");
    expect(params.map(({ name }) => name)).to.deep.equal([
      "block/conv/kernel",
      "block/conv/bias",
      "block/axes",
      "head/kernel",
    ]);
    expect(tf.memory()).to.deep.equal(memory);
  });

  it("takes inputs by name", async () => {
    const model = await smallGraphModel();
    const graph = await trace(model, { image: tf.zeros([3, 8, 8, 2]) }, { device: "virtual" });
    expect(graph.values[graph.inputs[0] ?? -1]).to.include({ name: "image" });
  });
});

import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { graphModelOf } from "../../testing/graph-model-of.ts";
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

  it("runs it once where a node is asynchronous, which the executor does not know beforehand", async () => {
    for (const nodes of [
      [["out", "ListDiff", "x", "y"]],
      [
        ["abs", "Abs", "x"],
        ["out", "ListDiff", "abs", "y"],
      ],
    ] as const) {
      const model = await graphModelOf({ inputs: { x: [4] }, weights: { y: [1, 2] }, nodes });
      const graph = await trace(model, [tf.range(0, 4)], { device: "virtual" });
      expect(graph.ops.map(({ scope }) => scope.join("/"))).to.deep.equal(
        nodes.map(([name]) => name),
      );
    }
  });

  it("runs it once where it suppresses boxes after other nodes", async () => {
    const model = await graphModelOf({
      inputs: { boxes: [2, 4], scores: [2] },
      weights: { most: 1, overlap: 0.5, least: 0 },
      nodes: [
        ["relu", "Relu", "boxes"],
        ["out", "NonMaxSuppressionV4", "relu", "scores", "most", "overlap", "least"],
      ],
    });
    const inputs = { boxes: tf.zeros([2, 4]), scores: tf.zeros([2]) };
    const graph = await trace(model, inputs, { device: "virtual" });
    expect(kernelsByScope(graph)).to.deep.equal(["relu: Relu", "out: NonMaxSuppressionV4"]);
  });

  it("takes inputs by name", async () => {
    const model = await smallGraphModel();
    const graph = await trace(model, { image: tf.zeros([3, 8, 8, 2]) }, { device: "virtual" });
    expect(graph.values[graph.inputs[0] ?? -1]).to.include({ name: "image" });
  });
});

import { BASIC_QUANTITIES, count } from "@opcounter/counters";
import { trace } from "@opcounter/tracer";
import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { zooGraph } from "./zoo-graph.ts";

/**
 * Millions of activations that fvcore counts of the same models in PyTorch, as timm's table of
 * results lists them (`activations`, at 224×224).
 */
const BY_FVCORE = { resnet50: 11.11, densenet121: 6.9, vgg16: 13.56, mobilenet_v2: 6.68 } as const;

describe("activations", () => {
  before(async () => {
    await tf.setBackend("cpu");
  });

  it("are those that fvcore counts, whatever the convention", async () => {
    for (const [name, millions] of Object.entries(BY_FVCORE)) {
      const graph = await zooGraph(name);
      const { totals } = count(graph);
      expect(Number((Number(totals.activations) / 1e6).toFixed(2)), name).to.equal(millions);
      expect(count(graph, { convention: "torch" }).totals.activations).to.equal(totals.activations);
    }
  });

  it("are the elements that convolutions, products and einsums give, in every row", async () => {
    const program = (x: tf.Tensor4D, w: tf.Tensor4D) => {
      const convolved = tf.tidy("conv", () => tf.relu(tf.conv2d(x, w, 1, "valid")));
      const rows = convolved.reshape([4, 5]) as tf.Tensor2D;
      return tf.tidy("products", () => [
        tf.matMul(rows, rows, false, true),
        tf.einsum("ij,kj->i", rows, rows),
        rows.max(),
      ]);
    };
    const inputs = [tf.zeros([1, 3, 3, 2]), tf.zeros([2, 2, 2, 5])];
    const graph = await trace(program, inputs, { device: "virtual" });
    const report = count(graph);
    expect(report.totals.activations).to.equal(4 * 5 + 4 * 4 + 4);
    const byScope = report.byScope.map(({ scope, activations }) => [scope, activations]);
    expect(byScope).to.deep.equal([
      ["conv", 20],
      ["products", 20],
      ["", 0],
    ]);
    const ofOps = report.ops.reduce((sum, { cost }) => sum + Number(cost.activations), 0);
    expect(ofOps).to.equal(report.totals.activations);
    expect(BASIC_QUANTITIES).to.include("activations");
  });
});

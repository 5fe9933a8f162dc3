import { count } from "@opcounter/counters";
import { type Graph, verify } from "@opcounter/ir";
import { type PagePass, trace, watchPasses } from "@opcounter/tracer";
import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { graphModelOf } from "../../packages/tracer/testing/graph-model-of.ts";
import { kernelsByScope } from "../../packages/tracer/testing/kernels-by-scope.ts";

const turn = () => new Promise((resolve) => setTimeout(resolve, 5));

describe("the passes that a page runs by itself", () => {
  let model: tf.Sequential;
  before(async () => {
    await tf.setBackend("cpu");
    model = tf.sequential({
      name: "small",
      layers: [
        tf.layers.conv2d({ name: "conv", inputShape: [8, 8, 3], filters: 4, kernelSize: 3 }),
        tf.layers.flatten({ name: "flat" }),
        tf.layers.dense({ name: "fc", units: 2 }),
      ],
    });
  });

  async function passesOf(run: () => unknown): Promise<PagePass[]> {
    const passes: PagePass[] = [];
    const stop = watchPasses((pass) => passes.push(pass), tf);
    try {
      await run();
      await turn();
    } finally {
      stop();
    }
    return passes;
  }

  it("have the costs of a trace, the names of layers and parameters, and valid graphs", async () => {
    const image = tf.ones([2, 8, 8, 3]);
    const run = () => tf.dispose(model.predict(image));
    const passes = await passesOf(async () => {
      run();
      await turn();
      run();
    });
    // tfjs runs a Sequential as a model inside.
    expect(passes.map(({ graph }) => graph.name)).to.deep.equal(["small_model", "small_model"]);
    expect(passes[0]?.key).to.equal(passes[1]?.key);
    const graph = passes[0]?.graph as Graph;
    expect(verify(graph)).to.deep.equal([]);
    const traced = count(await trace(model, [image], { device: "virtual" }));
    const { macs, params } = count(graph);
    expect({ macs, params }).to.deep.equal({ macs: traced.macs, params: traced.params });
    expect(kernelsByScope(graph).join()).to.include("conv: ").and.include("fc: ");
    expect(graph.inputs.length).to.equal(1);
    expect(passes[0]?.peakBytes).to.be.greaterThan(0);
  });

  it("are none while something is traced", async () => {
    const x = tf.ones([3]);
    const passes = await passesOf(async () => {
      await trace((y: tf.Tensor) => y.square(), [x], { device: "virtual" });
      x.add(1).mul(2).dispose();
    });
    expect(passes.map(({ graph }) => graph.ops.map(({ kernel }) => kernel))).to.deep.equal([
      ["Add", "Multiply"],
    ]);
  });

  it("end as they began, also where a trace runs when they end", async () => {
    let stop = watchPasses(() => undefined, tf);
    let begun: unknown;
    await trace(
      (x: tf.Tensor) => {
        stop();
        try {
          stop = watchPasses(() => undefined, tf);
        } catch (error) {
          begun = error;
        }
        return x.square();
      },
      [tf.ones([2])],
      { device: "virtual" },
    );
    expect(begun).to.have.property("code", "trace-running");
    await new Promise((resolve) => setTimeout(resolve, 60));
    expect(Object.hasOwn(tf.engine(), "runKernel")).to.equal(false);
  });

  it("are one while a model runs asynchronously", async () => {
    tf.registerOp("Wait", async ({ inputs: [x] }) => {
      await turn();
      return x?.clone() ?? [];
    });
    const graphModel = await graphModelOf({
      inputs: { x: [2] },
      weights: { w: [1, 2] },
      nodes: [
        ["a", "Mul", "x", "w"],
        ["b", "Wait", "a"],
        ["c", "Relu", "b"],
      ],
    });
    const passes = await passesOf(async () => {
      tf.dispose(await graphModel.executeAsync(tf.ones([2])));
      await turn();
    });
    tf.deregisterOp("Wait");
    const [first, ...others] = passes.map(({ graph }) => graph);
    expect(others).to.deep.equal([]);
    const { ops = [], values = [], inputs = [] } = first ?? {};
    expect(ops.map(({ kernel }) => kernel)).to.include.members(["Multiply", "Identity", "Relu"]);
    expect(values.filter(({ kind }) => kind === "param")).to.have.lengthOf(1);
    expect(inputs).to.have.lengthOf(1);
  });

  it("leave tfjs as it was", async () => {
    const engine = tf.engine();
    const before = [engine.runKernel, model.predict, tf.layers.Layer.prototype.apply];
    await passesOf(() => tf.dispose(tf.ones([2]).square()));
    expect([engine.runKernel, model.predict, tf.layers.Layer.prototype.apply]).to.deep.equal(
      before,
    );
    expect(Object.hasOwn(engine, "runKernel")).to.equal(false);
  });
});

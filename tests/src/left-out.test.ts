import { count } from "@opcounter/counters";
import { trace } from "@opcounter/tracer";
import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { opcounter, temporaryFolder } from "./command-line.ts";

const VIRTUAL = { device: "virtual" } as const;
const MODULE = `export const inputs = ["x=2x8"];
export default (tf) => (x) => x.matMul(tf.ones([8, 4])).softmax().softmax().relu();`;

describe("what a convention leaves out", () => {
  const folder = temporaryFolder();
  after(folder.remove);

  const graphOf = (run: (x: tf.Tensor) => tf.Tensor) => trace(run, [tf.ones([2, 8])], VIRTUAL);

  it("is said by kernel, in native terms, the largest first", async () => {
    const graph = await graphOf((x) =>
      x
        .matMul(tf.ones([8, 4]))
        .softmax()
        .softmax()
        .relu(),
    );
    const native = count(graph);
    expect(native.leftOut).to.deep.equal([]);
    const { leftOut } = count(graph, { convention: "torch" });
    expect(leftOut.map(({ kind, name, times }) => [kind, name, times])).to.deep.equal([
      ["kernel", "Softmax", 2],
      ["kernel", "Relu", 1],
    ]);
    for (const { name, flops, transcendentals } of leftOut) {
      const row = native.byKernel.find(({ kernel }) => kernel === name);
      expect(row).to.include({ flops, transcendentals });
    }
  });

  it("is said by layer, if the convention counts the layer as nothing", async () => {
    const lstm = tf.layers.lstm({ units: 3, inputShape: [2, 4] });
    const model = tf.sequential({ layers: [lstm] });
    const graph = await trace(model, [tf.ones([1, 2, 4])], VIRTUAL);
    const { leftOut, totals } = count(graph, { convention: "fvcore" });
    const native = count(graph);
    expect(totals.macs).to.equal(0);
    expect(leftOut).to.have.lengthOf(1);
    expect(leftOut[0]).to.deep.equal({
      ...{ kind: "layer", name: "LSTM", times: 1 },
      ...{ macs: native.macs, flops: native.flops },
      transcendentals: native.totals.transcendentals,
    });
  });

  it("is said by pattern, if the convention counts the pattern as nothing", async () => {
    const graph = await graphOf((x) => {
      const { mean, variance } = tf.moments(x, -1, true);
      return x.sub(mean).div(variance.add(1e-5).sqrt());
    });
    const { leftOut } = count(graph, { convention: "thop@2019-07" });
    const native = count(graph);
    expect(leftOut).to.deep.equal([
      {
        ...{ kind: "pattern", name: "layer-norm", times: 1 },
        ...{ macs: 0, flops: native.flops },
        transcendentals: native.totals.transcendentals,
      },
    ]);
  });

  it("is a note of the table, under that convention", () => {
    const file = folder.write("softmax.mjs", MODULE);
    const { stdout } = opcounter(["profile", file, "--convention", "torch"], folder.path);
    expect(stdout).to.match(
      /^note: torch does not count: Softmax ×2 \(\d+ FLOPs, \d+ transcendentals\), Relu ×1 \(8 FLOPs\)\.$/m,
    );
    expect(opcounter(["profile", file], folder.path).stdout).to.not.include("does not count");
  });

  it("is a note of formulas, for the size given, and of the pass count", () => {
    const file = folder.write("softmax.mjs", MODULE);
    const note = /^note: torch does not count: Softmax ×2 \(\d+ FLOPs, \d+ transcendentals\)/m;
    const symbolic = ["profile", file, "--convention", "torch", "--symbolic", "batch"];
    expect(opcounter(symbolic, folder.path).stdout).to.match(note);
    const { leftOut } = JSON.parse(opcounter([...symbolic, "-f", "json"], folder.path).stdout);
    const table = ["profile", file, "--convention", "torch", "-f", "json"];
    expect(leftOut).to.deep.equal(JSON.parse(opcounter(table, folder.path).stdout).leftOut);
    const pass = ["opt", file, "-p", "count{convention=torch}"];
    expect(opcounter(pass, folder.path).stderr).to.match(note);
  });
});

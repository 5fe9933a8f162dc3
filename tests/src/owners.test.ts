import { type CostReport, count } from "@opcounter/counters";
import { type Device, openDevice, trace } from "@opcounter/tracer";
import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { opcounter, temporaryFolder } from "./command-line.ts";
import { zooGraph } from "./zoo-graph.ts";

/** Checks that the rows of a view add up to the totals. */
function expectTotals({ byOwner, totals }: CostReport): void {
  const sum = (pick: (row: CostReport["byOwner"][number]) => number | bigint | null) =>
    byOwner.reduce((total, row) => total + BigInt(pick(row) ?? 0), 0n);
  expect(sum(({ params }) => params)).to.equal(BigInt(totals.params));
  expect(sum(({ macs }) => macs)).to.equal(BigInt(totals.macs ?? 0));
  expect(sum(({ flops }) => flops)).to.equal(BigInt(totals.flops ?? 0));
  expect(sum(({ bytesRead }) => bytesRead)).to.equal(BigInt(totals.bytesRead));
  expect(sum(({ ops }) => ops)).to.equal(BigInt(totals.ops));
}

describe("rows by owner", () => {
  const folder = temporaryFolder();
  let device: Device;
  before(async () => {
    device = await openDevice("virtual");
  });
  after(folder.remove);

  for (const name of ["resnet18", "densenet121", "gpt2", "lstm", "bert_base"]) {
    it(`add up to the totals of ${name}`, async () => {
      const graph = await zooGraph(name);
      for (const convention of ["native", "thop@head", "torchinfo"]) {
        expectTotals(count(graph, { convention }));
      }
    });
  }

  it("have a layer that is called from two scopes once, with both scopes", async () => {
    const dense = tf.layers.dense({ units: 5, name: "shared" });
    const program = (x: tf.Tensor) => {
      const first = tf.tidy("encoder", () => dense.apply(x) as tf.Tensor);
      return tf.tidy("decoder", () => first.add(dense.apply(x) as tf.Tensor));
    };
    const report = count(await trace(program, [tf.zeros([1, 7])], { device }));
    const params = 7 * 5 + 5;
    expect(
      report.byOwner.map(({ owner, calls, ops, params, macs }) => [
        owner,
        calls,
        ops,
        params,
        macs,
      ]),
    ).to.deep.equal([
      ["encoder/shared", 2, 8, params, 70],
      ["", 0, 1, 0, 0],
    ]);
    expect(report.byOwner[0]?.scopes).to.deep.equal(["encoder/shared", "decoder/shared"]);
    // By call, each scope has the ops that run in it, and the weights that they use.
    const ofScope = (scope: string) => report.byScope.find((row) => row.scope === scope);
    for (const scope of ["encoder/shared", "decoder/shared"]) {
      expect(ofScope(scope)).to.include({ params, macs: 35, ops: 4 });
    }
    expect(report.params).to.equal(params);
    expectTotals(report);
  });

  it("give a shared kernel to the first layer that lists it, and say who shares it", async () => {
    const a = tf.layers.dense({ units: 4, inputShape: [4], name: "a" });
    const b = tf.layers.dense({ units: 4, inputShape: [4], name: "b" });
    const model = tf.sequential({ layers: [a, b] });
    // tfjs has no option for it: models set the field.
    Reflect.set(b, "kernel", Reflect.get(a, "kernel"));
    Reflect.set(b, "_trainableWeights", [Reflect.get(a, "kernel"), Reflect.get(b, "bias")]);
    const report = count(await trace(model, [tf.zeros([1, 4])], { device }));
    expect(
      report.byOwner.map(({ owner, params, sharedParams, macs }) => [
        owner,
        params,
        sharedParams,
        macs,
      ]),
    ).to.deep.equal([
      ["a", 20, 0, 16],
      ["b", 4, 16, 16],
    ]);
    expect(report.byScope.map(({ scope, params }) => [scope, params])).to.deep.equal([
      ["a", 20],
      ["b", 20],
    ]);
    expect(report.params).to.equal(24);
    expectTotals(report);
  });

  it("have weights that no layer lists", async () => {
    const weight = tf.variable(tf.ones<tf.Rank.R2>([3, 2]));
    const unused = tf.ones([9]);
    const program = (x: tf.Tensor2D) => tf.tidy("head", () => x.matMul(weight));
    const options = { device, parameters: [unused] };
    const report = count(await trace(program, [tf.ones([1, 3])], options));
    expect(report.byOwner).to.have.length(1);
    expect(report.byOwner[0]).to.include({ owner: "", className: null, params: 15, macs: 6 });
    weight.dispose();
  });

  it("are the table's by --by owner", () => {
    const file = folder.write(
      "twice.ts",
      `import * as tf from "@tensorflow/tfjs";
       const dense = tf.layers.dense({ units: 5, name: "shared" });
       export const inputs = ["x=1x5"];
       export default () => (x) => dense.apply(dense.apply(x));`,
    );
    const { stdout } = opcounter(["profile", file, "--by", "owner"], folder.path);
    expect(stdout).to.match(/^owner +class +calls +ops +params +MACs/m);
    expect(stdout).to.match(/^shared +Dense +2 +8 +30 +50 +100\.0 %/m);
  });
});

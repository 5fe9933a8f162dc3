import { advise, type Graph } from "@opcounter/ir";
import { trace } from "@opcounter/tracer";
import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { stack } from "./programs.ts";

const rule = "short-dispatch";

const found = (graph: Graph) => advise(graph).findings.filter((each) => each.rule === rule);
const dispatchesOf = (graph: Graph) => graph.ops.flatMap(({ dispatches }) => dispatches);

describe("a pass of many short dispatches", () => {
  before(() => tf.setBackend("cpu"));

  const traced = (batch: number, steps: number): Promise<Graph> =>
    trace(
      stack(tf.layers.simpleRNN({ inputShape: [steps, 8], units: 16 })),
      [tf.zeros([batch, steps, 8])],
      { device: "virtual" },
    );

  it("is a finding, and several inputs in a batch share dispatches, as it says", async () => {
    const [one, several] = [await traced(1, 60), await traced(8, 60)];
    const [finding, ...more] = found(one);
    expect(more).to.deep.equal([]);
    const all = dispatchesOf(one).length;
    expect(finding?.finding).to.include(` of ${all} dispatches bind 64 KiB or less`);
    expect(finding?.finding).to.include("Several inputs in one batch share most of them.");
    expect(finding?.ops.length).to.be.within(all / 2, all);
    expect(dispatchesOf(several).length).to.be.below(1.5 * all);
  });

  it("is none where they are few, or do more", async () => {
    expect(found(await traced(1, 5))).to.deep.equal([]);
    const adds = (x: tf.Tensor) =>
      Array.from({ length: 120 }).reduce<tf.Tensor>((y) => y.add(x), x);
    const graph = (size: number) => trace(adds, [tf.zeros([size, size])], { device: "virtual" });
    expect(found(await graph(40))).to.have.length(1);
    expect(found(await graph(256))).to.deep.equal([]);
  });
});

import { advise } from "@opcounter/ir";
import { trace } from "@opcounter/tracer";
import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { random, stack } from "./programs.ts";
import { prove } from "./prove.ts";

const rule = "transpose-pair";

describe("advice on transposes", () => {
  before(() => tf.setBackend("cpu"));
  const inputs = () => [random<tf.Rank.R4>([1, 16, 16, 8])];

  it("leaves out two that undo each other", async () => {
    await prove({
      rule,
      before: (x: tf.Tensor) => x.transpose([0, 3, 1, 2]).transpose([0, 2, 3, 1]).relu(),
      after: (x: tf.Tensor) => x.relu(),
      inputs: inputs(),
      remedy: "Leave both transposes out.",
    });
  });

  it("makes one of two that follow each other", async () => {
    await prove({
      rule,
      before: (x: tf.Tensor) => x.transpose([0, 3, 1, 2]).transpose([0, 3, 1, 2]),
      after: (x: tf.Tensor) => x.transpose([0, 2, 3, 1]),
      inputs: inputs(),
      remedy: "Transpose once",
    });
  });

  it("leaves out two layers", async () => {
    const permute = (dims: number[]) => tf.layers.permute({ inputShape: [16, 16, 8], dims });
    const norm = () => tf.layers.activation({ inputShape: [16, 16, 8], activation: "relu" });
    await prove({
      rule,
      before: stack(permute([3, 1, 2]), tf.layers.permute({ dims: [2, 3, 1] }), norm()),
      after: stack(norm()),
      inputs: inputs(),
      remedy: "tf.layers.permute",
    });
  });

  it("counts each of several in a row once, those that undo each other first", async () => {
    const x = tf.zeros([4, 5, 6]);
    const [there, back] = [
      [1, 2, 0],
      [2, 0, 1],
    ];
    const undoneFirst = (x: tf.Tensor) => x.transpose(there).transpose(back).transpose(there);
    const undoneLast = (x: tf.Tensor) => x.transpose(there).transpose(there).transpose(back);
    for (const [program, ops] of [
      [undoneFirst, [0, 1]],
      [undoneLast, [1, 2]],
    ] as const) {
      const { advice } = advise(await trace(program, [x], { device: "virtual" }));
      expect(advice.map(({ ops, saves }) => [ops, saves.ops])).to.deep.equal([[ops, 2]]);
    }
  });

  it("is not given where something lies between", async () => {
    const apart = (x: tf.Tensor) => x.transpose([0, 3, 1, 2]).relu().transpose([0, 2, 3, 1]);
    const graph = await trace(apart, inputs(), { device: "virtual" });
    expect(advise(graph)).to.deep.equal({ advice: [], findings: [] });
  });
});

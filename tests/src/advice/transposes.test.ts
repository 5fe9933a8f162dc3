import { advise } from "@opcounter/ir";
import { trace } from "@opcounter/tracer";
import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { at, OwnLayer, random, stack, weight } from "./programs.ts";
import { prove } from "./prove.ts";

const rule = "transpose-pair";

/** tf.layers.dense of a sequence, as a layer of the user's own. */
function ownDense([steps, channels]: [number, number], units: number): tf.layers.Layer {
  const shapes = [[channels, units], [units]];
  return new OwnLayer([steps, channels], shapes, (x, weights) =>
    tf.fused
      .matMul({
        a: x.reshape([-1, channels]),
        b: at(weights, 0),
        bias: at(weights, 1),
        activation: "relu",
      })
      .reshape([-1, steps, units]),
  );
}

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

  // The small weights are copied on the host and uploaded in each pass, the large ones on the GPU.
  for (const units of [10, 100]) {
    it(`leaves out the copy that a dense layer makes of its weights: ${units} units`, async () => {
      await prove({
        rule: "idle-transpose",
        before: stack(tf.layers.dense({ inputShape: [5, 64], units, activation: "relu" })),
        after: stack(ownDense([5, 64], units)),
        inputs: [random<tf.Rank.R3>([2, 5, 64])],
        remedy: "Write a layer of your own that reshapes its input to two dimensions",
      });
    });
  }

  it("leaves out a transpose of a function that changes nothing", async () => {
    await prove({
      rule: "idle-transpose",
      before: (x: tf.Tensor) => x.transpose([0, 1, 2, 3]).relu(),
      after: (x: tf.Tensor) => x.relu(),
      inputs: inputs(),
      remedy: "Leave the transpose out.",
    });
  });

  it("lets a product read its operand transposed", async () => {
    const [w, bias] = [weight<tf.Rank.R2>([48, 64]), weight<tf.Rank.R1>([48])];
    await prove({
      rule: "transposed-operand",
      before: (x: tf.Tensor3D, y: tf.Tensor3D) => tf.matMul(x, y.transpose([0, 2, 1])),
      after: (x: tf.Tensor3D, y: tf.Tensor3D) => tf.matMul(x, y, false, true),
      inputs: [random<tf.Rank.R3>([2, 20, 32]), random<tf.Rank.R3>([2, 40, 32])],
      remedy: "the option transposeB",
    });
    await prove({
      rule: "transposed-operand",
      before: (x: tf.Tensor2D) =>
        tf.fused.matMul({ a: x.transpose(), b: w.transpose(), bias, activation: "relu" }),
      after: (x: tf.Tensor2D) =>
        tf.fused.matMul({
          ...{ a: x, b: w, bias },
          transposeA: true,
          transposeB: true,
          activation: "relu",
        }),
      inputs: [random<tf.Rank.R2>([64, 100])],
      remedy: "transpose",
    });
  });

  it("leaves a transpose whose result is used twice", async () => {
    const twice = (x: tf.Tensor2D) => {
      const y = x.transpose();
      return tf.matMul(x, y).add(y.sum());
    };
    const graph = await trace(twice, [random<tf.Rank.R2>([64, 100])], { device: "virtual" });
    expect(advise(graph).advice).to.deep.equal([]);
  });
});

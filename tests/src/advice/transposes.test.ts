import { type AdviceFinding, advise } from "@opcounter/ir";
import { trace, traceTraining } from "@opcounter/tracer";
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

  it("gives layers that take channels first the other format", async () => {
    const conv = (dataFormat: "channelsFirst" | "channelsLast", inputShape: number[]) =>
      tf.layers.conv2d({ inputShape, filters: 8, kernelSize: 3, dataFormat });
    const pool = (dataFormat: "channelsFirst" | "channelsLast") =>
      tf.layers.maxPooling2d({ dataFormat, poolSize: 2 });
    await prove({
      rule,
      before: stack(
        conv("channelsFirst", [8, 16, 16]),
        conv("channelsFirst", [8, 14, 14]),
        pool("channelsFirst"),
      ),
      after: stack(
        tf.layers.permute({ inputShape: [8, 16, 16], dims: [2, 3, 1] }),
        conv("channelsLast", [16, 16, 8]),
        conv("channelsLast", [14, 14, 8]),
        pool("channelsLast"),
        tf.layers.permute({ dims: [3, 1, 2] }),
      ),
      inputs: [random<tf.Rank.R4>([1, 8, 16, 16])],
      remedy: 'Give the layers dataFormat: "channelsLast"',
    });
    await prove({
      rule,
      before: stack(
        tf.layers.permute({ inputShape: [16, 16, 8], dims: [3, 1, 2] }),
        conv("channelsFirst", [8, 16, 16]),
      ),
      after: stack(conv("channelsLast", [16, 16, 8]), tf.layers.permute({ dims: [3, 1, 2] })),
      inputs: inputs(),
      remedy: 'Give the layers dataFormat: "channelsLast"',
    });
  });

  it("is a finding where a layer transposes whatever its options are", async () => {
    const model = stack(
      tf.layers.permute({ inputShape: [4, 8], dims: [2, 1] }),
      tf.layers.simpleRNN({ units: 3 }),
    );
    const { advice, findings } = advise(
      await trace(model, [random<tf.Rank.R3>([2, 4, 8])], { device: "virtual" }),
    );
    expect(advice.filter((each) => each.rule === rule)).to.deep.equal([]);
    expect(findings.find((each) => each.rule === rule)?.finding).to.match(
      /^A transpose by \[1,0,2\] follows one by \[0,2,1\]/,
    );
  });

  it("are findings in a backward pass, which the user did not write", async () => {
    const conv = (inputShape: number[]) =>
      tf.layers.conv2d({ inputShape, filters: 8, kernelSize: 3, dataFormat: "channelsFirst" });
    for (const [name, model, shape] of [
      [rule, stack(conv([8, 16, 16]), conv([8, 14, 14])), [1, 8, 16, 16]],
      ["idle-transpose", stack(tf.layers.dense({ inputShape: [5, 64], units: 10 })), [2, 5, 64]],
    ] as const) {
      const graph = await traceTraining(model, [tf.zeros([...shape])], { device: "virtual" });
      const { advice, findings } = advise(graph);
      const phases = (found: readonly AdviceFinding[]) =>
        found.filter((each) => each.rule === name).map(({ scope }) => scope[0]);
      expect(phases(advice), name).to.deep.equal(["forward"]);
      expect(phases(findings), name).to.deep.equal(["backward"]);
    }
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

  it("knows that a product of a matrix with itself reads it once", async () => {
    await prove({
      rule: "transposed-operand",
      before: (x: tf.Tensor2D) => tf.matMul(x.transpose(), x),
      after: (x: tf.Tensor2D) => tf.matMul(x, x, true),
      inputs: [random<tf.Rank.R2>([64, 100])],
      remedy: "the option transposeA",
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

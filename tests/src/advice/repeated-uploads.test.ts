import { advise, print, recordingOf, toJson } from "@opcounter/ir";
import { fromJson, parse } from "@opcounter/ir/read";
import { trace } from "@opcounter/tracer";
import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { random, stack, weight } from "./programs.ts";
import { type Program, prove } from "./prove.ts";

const rule = "repeated-upload";

/** A causal mask: −1e9 right of the diagonal. */
function mask(size: number): tf.Tensor2D {
  const rows = Array.from({ length: size }, (_, row) =>
    Array.from({ length: size }, (_, column) => (column > row ? -1e9 : 0)),
  );
  return tf.tensor2d(rows);
}

describe("advice on tensors that each pass uploads", () => {
  before(() => tf.setBackend("cpu"));
  const inputs = () => [random<tf.Rank.R2>([64, 64])];
  const scale = weight<tf.Rank.R2>([64, 64]);

  it("is to make them once", async () => {
    const kept = mask(64);
    await prove({
      rule,
      before: (x: tf.Tensor2D) => x.add(mask(64)).softmax().add(mask(64)),
      after: (x: tf.Tensor2D) => x.add(kept).softmax().add(kept),
      inputs: inputs(),
      remedy: "make the tensor once",
    });
  });

  it("holds behind a view, and for tf.zeros, which makes its values on the host", async () => {
    const kept = tf.zeros([4096]);
    await prove({
      rule,
      before: (x: tf.Tensor2D) => x.add(tf.zeros([4096]).reshape([64, 64])),
      after: (x: tf.Tensor2D) => x.add(kept.reshape([64, 64])),
      inputs: inputs(),
      remedy: "make the tensor once",
    });
  });

  it("is to make a range once, which TensorFlow.js computes on the host", async () => {
    const kept = tf.range(0, 4096).reshape([64, 64]);
    await prove({
      rule,
      before: (x: tf.Tensor2D) => x.mul(tf.range(0, 4096).reshape([64, 64])),
      after: (x: tf.Tensor2D) => x.mul(kept),
      inputs: inputs(),
      remedy: "make the tensor once",
    });
  });

  const rows = () => tf.range(0, 32).expandDims(1);
  const columns = () => tf.range(0, 32).expandDims(0);
  const ones = () => tf.ones<tf.Rank.R2>([32, 32]);
  const computed: Readonly<Record<string, () => tf.Tensor>> = {
    "a causal mask": () => tf.linalg.bandPart(ones(), -1, 0).sub(1).mul(1e9),
    "a mask of distances": () =>
      tf.where(rows().sub(columns()).greater(4), ones(), tf.fill([32, 32], -1e9)),
    "angles of positions": () => {
      const angles = rows().mul(tf.range(0, 16).mul(-0.5).exp());
      return tf.concat([angles.sin(), angles.cos()], 1);
    },
    "a scalar of the GPU": () => tf.sqrt(tf.scalar(64)),
    "a grid": () => tf.addN(tf.meshgrid(tf.range(0, 32), tf.range(0, 32))),
    "numbers of even steps": () => tf.linspace(0, 1, 32).reshape([32, 1]),
  };
  for (const [name, compute] of Object.entries(computed)) {
    it(`is to compute once what the pass computes of such tensors alone: ${name}`, async () => {
      const kept = compute();
      await prove({
        rule,
        before: (x: tf.Tensor2D) => x.add(compute()).softmax(),
        after: (x: tf.Tensor2D) => x.add(kept).softmax(),
        inputs: [random<tf.Rank.R2>([32, 32])],
        remedy: "make the tensor once",
      });
    });
  }

  it("is not to compute once what a program without inputs computes of its data", async () => {
    const data = () => tf.tensor2d(new Float32Array(4096), [64, 64]);
    const program = () =>
      data()
        .sub(1)
        .exp()
        .matMul(scale)
        .add(tf.sqrt(tf.scalar(64)));
    const { advice } = advise(await trace(program, [], { device: "virtual" }));
    const found = advice.filter((each) => each.rule === rule);
    expect(found.map(({ saves }) => saves.dispatches)).to.deep.equal([0, 1]);
  });

  it("is to compute several of them once, which are said apart", async () => {
    const compute = () => [rows().mul(columns()).cos(), rows().mul(columns()).sin()] as const;
    const kept = compute();
    const turn = (x: tf.Tensor, [cos, sin]: readonly [tf.Tensor, tf.Tensor]) =>
      x.mul(cos).add(x.reverse(1).mul(sin));
    const inputs = [random<tf.Rank.R2>([32, 32])];
    const before = (x: tf.Tensor2D) => turn(x, compute());
    const after = (x: tf.Tensor2D) => turn(x, kept);
    await prove({ rule, before, after, inputs, remedy: "make the tensor once" });
    const { advice } = advise(await trace(before, inputs, { device: "virtual" }));
    expect(advice.filter((each) => each.rule === rule)[0]?.finding).to.include(
      "A tensor (f32[32,32]) is computed of values that the pass makes itself, by 4 kernels (Range, Multiply, Cos)",
    );
  });

  it("is a finding where a layer of tf.layers makes them", async () => {
    const model = stack(tf.layers.simpleRNN({ inputShape: [40, 64], units: 8 }));
    const graph = await trace(model, [random<tf.Rank.R3>([1, 40, 64])], { device: "virtual" });
    const { advice, findings } = advise(graph);
    expect(advice.filter((each) => each.rule === rule)).to.deep.equal([]);
    expect(
      findings.filter((each) => each.rule === rule).map(({ finding }) => finding),
    ).to.deep.equal([
      "A tensor (f32[1,40,64]) is made of values in the pass, for Sum: each pass uploads its 10.00 KiB.",
    ]);
  });

  it("is what a saved graph says too", async () => {
    const graph = await trace((x: tf.Tensor2D) => x.add(mask(64)), inputs(), { device: "virtual" });
    const made = recordingOf(graph)?.madeConstants;
    expect(made).to.deep.equal([1]);
    for (const saved of [parse(print(graph)), fromJson(toJson(graph))]) {
      expect(recordingOf(saved)?.madeConstants).to.deep.equal(made);
      expect(advise(saved)).to.deep.equal(advise(graph));
    }
  });

  const kept = tf.ones([64, 64]);
  const none: Readonly<Record<string, Program>> = {
    "for a tensor from before the pass": (x: tf.Tensor2D) => x.add(kept),
    "for a weight": (x: tf.Tensor2D) => x.mul(scale),
    "for a scalar": (x: tf.Tensor2D) => x.mul(2),
    "where only the host uses it": (x: tf.Tensor2D) => [x.relu(), mask(8).neg()],
    "for what the GPU makes": (x: tf.Tensor2D) => x.add(tf.fill([64, 64], 2)),
    "for what is computed of a tensor from before the pass": (x: tf.Tensor2D) => x.add(kept.mul(2)),
    "for what is computed of a weight": (x: tf.Tensor2D) => x.add(scale.mul(2)),
    "for what is drawn at random": (x: tf.Tensor2D) =>
      x.add(tf.multinomial(tf.tensor1d([0.5, 0.5]), 64).toFloat()),
    "for what nothing else takes": (x: tf.Tensor2D) => [x.relu(), tf.scalar(2).sqrt()],
    "for small values of the host": (x: tf.Tensor2D) => x.mul(tf.scalar(2).mul(3)),
  };
  for (const [name, program] of Object.entries(none)) {
    it(`is not given ${name}`, async () => {
      const { advice, findings } = advise(await trace(program, inputs(), { device: "virtual" }));
      expect([...advice, ...findings].filter((each) => each.rule === rule)).to.deep.equal([]);
    });
  }
});

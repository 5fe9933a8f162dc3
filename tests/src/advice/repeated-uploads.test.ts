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
      after: (x: tf.Tensor2D) => x.mul(kept.reshape([64, 64])),
      inputs: inputs(),
      remedy: "make the tensor once",
    });
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
  const scale = weight<tf.Rank.R2>([64, 64]);
  const none: Readonly<Record<string, Program>> = {
    "for a tensor from before the pass": (x: tf.Tensor2D) => x.add(kept),
    "for a weight": (x: tf.Tensor2D) => x.mul(scale),
    "for a scalar": (x: tf.Tensor2D) => x.mul(2),
    "where only the host uses it": (x: tf.Tensor2D) => [x.relu(), mask(8).neg()],
    "for what the GPU makes": (x: tf.Tensor2D) => x.add(tf.fill([64, 64], 2)),
  };
  for (const [name, program] of Object.entries(none)) {
    it(`is not given ${name}`, async () => {
      const { advice, findings } = advise(await trace(program, inputs(), { device: "virtual" }));
      expect([...advice, ...findings].filter((each) => each.rule === rule)).to.deep.equal([]);
    });
  }
});

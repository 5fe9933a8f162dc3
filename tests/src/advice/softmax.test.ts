import { advise } from "@opcounter/ir";
import { trace } from "@opcounter/tracer";
import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { random } from "./programs.ts";
import { prove } from "./prove.ts";

describe("advice on a softmax that is written out", () => {
  before(() => tf.setBackend("cpu"));

  const softmaxOver = (axis: number) => (x: tf.Tensor) => {
    const e = x.sub(x.max(axis, true)).exp();
    return e.div(e.sum(axis, true));
  };

  it("is tf.softmax, over the last axis", async () => {
    await prove({
      rule: "decomposed-softmax",
      before: softmaxOver(-1),
      after: (x: tf.Tensor) => tf.softmax(x),
      inputs: [random<tf.Rank.R3>([2, 4, 6])],
      remedy: "Use tf.softmax",
    });
  });

  it("is given without the maximum, and inside an attention", async () => {
    const attention =
      (softmax: (x: tf.Tensor) => tf.Tensor) => (q: tf.Tensor3D, k: tf.Tensor3D, v: tf.Tensor3D) =>
        tf.matMul(softmax(tf.matMul(q, k, false, true)), v);
    const over = (e: tf.Tensor) => e.div(e.sum(-1, true));
    await prove({
      rule: "decomposed-softmax",
      before: attention((x) => tf.tidy(() => over(x.exp()))),
      after: attention((x) => tf.softmax(x)),
      inputs: [1, 2, 3].map(() => random<tf.Rank.R3>([2, 4, 8])),
      remedy: "Use tf.softmax",
    });
  });

  it("is a finding over the first axis, for which tf.softmax throws", async () => {
    const x = random<tf.Rank.R2>([4, 6]);
    const { advice, findings } = advise(await trace(softmaxOver(0), [x], { device: "virtual" }));
    expect(advice).to.deep.equal([]);
    expect(findings.map(({ rule }) => rule)).to.deep.equal(["decomposed-softmax"]);
    expect(findings[0]?.finding).to.include("5 kernels").and.to.include("only the last axis");
  });

  it("is tf.softmax behind a reshape, over all axes and over the last two", async () => {
    const over = (axes?: number[]) => (x: tf.Tensor) => {
      const e = tf.exp(tf.sub(x, tf.max(x, axes, axes !== undefined)));
      return tf.div(e, tf.sum(e, axes, axes !== undefined));
    };
    const flat = (shape: number[]) => (x: tf.Tensor) =>
      tf.softmax(x.reshape(shape)).reshape(x.shape);
    for (const [axes, shape] of [
      [undefined, [24]],
      [
        [1, 2],
        [2, 12],
      ],
    ] as const) {
      await prove({
        rule: "decomposed-softmax",
        before: over(axes && [...axes]),
        after: flat([...shape]),
        inputs: [random<tf.Rank.R3>([2, 3, 4])],
        remedy: "reshaped so that one last axis",
      });
    }
  });
});

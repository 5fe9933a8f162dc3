import { type Advice, advise, recordingOf } from "@opcounter/ir";
import { closeDevices, type TensorFunction, trace } from "@opcounter/tracer";
import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";

async function adviceOn(program: TensorFunction, ...inputs: tf.Tensor[]): Promise<Advice[]> {
  return advise(await trace(program, inputs, { device: "virtual" }));
}

describe("advice on traced programs", () => {
  let image: tf.Tensor4D;
  const filter = () => tf.variable(tf.zeros<tf.Rank.R4>([3, 3, 8, 8]));

  before(async () => {
    await tf.setBackend("cpu");
    image = tf.zeros([1, 32, 32, 8]);
  });
  after(closeDevices);

  const IMAGE_BYTES = 32 * 32 * 8 * 4;

  it("finds a convolution, bias and activation that run as three kernels", async () => {
    const [weights, bias] = [filter(), tf.variable(tf.zeros([8]))];
    const found = await adviceOn(
      (x: tf.Tensor4D) => tf.tidy("block", () => x.conv2d(weights, 1, "same").add(bias).relu()),
      image,
    );
    expect(found).to.have.length(1);
    expect(found[0]).to.deep.include({ rule: "unfused-contraction", scope: ["block"] });
    // Two intermediates, each written and read once.
    expect(found[0]?.saves).to.include({ ops: 2, bytes: 4 * IMAGE_BYTES });
    const fused = (x: tf.Tensor4D) =>
      tf.fused.conv2d({ x, filter: weights, strides: 1, pad: "same", bias, activation: "relu" });
    expect(await adviceOn(fused, image)).to.deep.equal([]);
  });

  it("finds a batch norm that could be folded, unless something else needs its input", async () => {
    const weights = filter();
    const [mean, variance] = [tf.variable(tf.zeros([8])), tf.variable(tf.ones([8]))];
    const folds = (x: tf.Tensor4D) =>
      tf.batchNorm4d(
        tf.conv2d(x, weights, 1, "same"),
        mean as tf.Tensor1D,
        variance as tf.Tensor1D,
      );
    const found = await adviceOn(folds, image);
    expect(found.map(({ rule, saves }) => [rule, saves])).to.deep.equal([
      ["foldable-batch-norm", { ops: 1, dispatches: 1, bytes: 2 * IMAGE_BYTES }],
    ]);
    const needed = (x: tf.Tensor4D) => {
      const y = tf.conv2d(x, weights, 1, "same");
      return [tf.batchNorm4d(y, mean as tf.Tensor1D, variance as tf.Tensor1D), y];
    };
    expect(await adviceOn(needed, image)).to.deep.equal([]);
  });

  it("finds a softmax in five kernels, and not tf.softmax", async () => {
    const written = (x: tf.Tensor) => {
      const e = tf.exp(x.sub(x.max(-1, true)));
      return e.div(e.sum(-1, true));
    };
    const [first] = await adviceOn(written, image);
    expect(first).to.include({ rule: "decomposed-softmax" });
    expect(first?.saves).to.include({ ops: 4, dispatches: 4 });
    expect(await adviceOn((x: tf.Tensor) => tf.softmax(x), image)).to.deep.equal([]);
  });

  it("finds transposes that undo each other", async () => {
    const undone = (x: tf.Tensor) => x.transpose([0, 3, 1, 2]).transpose([0, 2, 3, 1]);
    const [pair] = await adviceOn(undone, image);
    expect(pair).to.include({ rule: "transpose-pair", remedy: "Leave both out." });
    expect(pair?.saves).to.deep.equal({ ops: 2, dispatches: 2, bytes: 4 * IMAGE_BYTES });
    const turned = (x: tf.Tensor) => x.transpose([0, 3, 1, 2]).transpose([0, 3, 1, 2]);
    expect((await adviceOn(turned, image))[0]?.remedy).to.include("Transpose once");
    const apart = (x: tf.Tensor) => x.transpose([0, 3, 1, 2]).relu().transpose([0, 2, 3, 1]);
    expect(await adviceOn(apart, image)).to.deep.equal([]);
  });

  it("counts each of several transposes in a row once, those that undo each other first", async () => {
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
      const found = await adviceOn(program, x);
      expect(found.map(({ ops, saves }) => [ops, saves.ops])).to.deep.equal([[ops, 2]]);
    }
  });

  it("finds values over WebGPU's default limits, by how much", async () => {
    const big = tf.zeros([80, 1024, 1024]);
    const found = await adviceOn((x: tf.Tensor) => x.relu(), big);
    expect(found.map(({ rule }) => rule)).to.deep.equal([
      "over-default-limits",
      "over-default-limits",
    ]);
    expect(found[0]?.finding).to.include("320.0 MiB, 64.00 MiB over").and.to.include("buffer");
    big.dispose();
  });

  it("finds values that a program or a kernel reads back in mid-pass @linux", async () => {
    const program = async (x: tf.Tensor) => {
      const y = tf.tidy("scores", () => x.add(1));
      return (await y.data())[0] === 1 ? y.relu() : y.neg();
    };
    const graph = await trace(program, [image], { device: "software" });
    const [found] = advise(graph);
    expect(found).to.deep.include({ rule: "read-back", scope: ["scores"], ops: [0] });
    expect(found?.saves.bytes).to.equal(IMAGE_BYTES);
    expect(recordingOf(await trace((x: tf.Tensor) => x.add(1), [image]))?.reads).to.deep.equal([]);
  });

  it("finds nothing without a number", async () => {
    const program = (x: tf.Tensor4D) => x.conv2d(filter(), 1, "same").relu().softmax();
    for (const { finding } of await adviceOn(program, image)) expect(finding).to.match(/\d/);
  });
});

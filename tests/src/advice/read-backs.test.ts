import { advise } from "@opcounter/ir";
import { trace } from "@opcounter/tracer";
import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { random } from "./programs.ts";
import { prove } from "./prove.ts";

describe("advice on values that are read in mid-pass", () => {
  before(() => tf.setBackend("cpu"));
  const inputs = () => [random<tf.Rank.R2>([32, 64])];

  it("is to compute with tensors", async () => {
    const scored = (x: tf.Tensor) => tf.tidy("scores", () => x.sum().relu());
    await prove({
      rule: "read-back",
      before: async (x: tf.Tensor) => {
        const sum = scored(x);
        await sum.data();
        return x.mul(sum);
      },
      after: async (x: tf.Tensor) => x.mul(scored(x)),
      inputs: inputs(),
      remedy: "Compute with tensors",
    });
  });

  it("says where, and how many bytes", async () => {
    const program = async (x: tf.Tensor) => {
      const y = tf.tidy("scores", () => x.add(1));
      await y.data();
      return y.relu();
    };
    const [advice] = advise(await trace(program, inputs(), { device: "virtual" })).advice;
    expect(advice).to.deep.include({ rule: "read-back", scope: ["scores"], ops: [0] });
    expect(advice?.finding).to.include("8.000 KiB");
  });

  it("is given once where a function reads a value and computes with it on the host", async () => {
    const program = (boxes: tf.Tensor2D) => tf.booleanMaskAsync(boxes, boxes.sum(1).greater(0));
    const graph = await trace(program, [random<tf.Rank.R2>([256, 4])], { device: "virtual" });
    const { advice, findings } = advise(graph);
    expect(advice).to.deep.equal([]);
    expect(findings.map(({ finding }) => finding)).to.have.length(1);
    expect(findings[0]?.finding).to.match(/^Where runs on the host and reads 1.000 KiB/);
  });

  it("of a kernel that only the host has is a finding", async () => {
    const program = (boxes: tf.Tensor2D) =>
      tf.image.nonMaxSuppression(boxes.mul(2), tf.ones<tf.Rank.R1>([256]), 3);
    const graph = await trace(program, [random<tf.Rank.R2>([256, 4])], { device: "virtual" });
    const { advice, findings } = advise(graph);
    expect(advice).to.deep.equal([]);
    expect(findings.map(({ finding }) => finding)[0]).to.match(
      /^NonMaxSuppressionV3 runs on the host and reads 4.000 KiB/,
    );
  });
});

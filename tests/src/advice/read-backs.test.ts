import { advise } from "@opcounter/ir";
import { trace } from "@opcounter/tracer";
import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { random } from "./programs.ts";
import { type Program, prove } from "./prove.ts";

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

  const deep: Readonly<Record<string, [before: Program, after: Program]>> = {
    "the heads of an attention": [
      (x: tf.Tensor) =>
        x.relu().reshape([2, 4, 1, 8, 32]).tile([1, 1, 3, 1, 1]).reshape([2, 12, 8, 32]).exp(),
      (x: tf.Tensor) => x.relu().reshape([8, 256]).tile([1, 3]).reshape([2, 12, 8, 32]).exp(),
    ],
    "pixels in both directions": [
      (x: tf.Tensor) =>
        x.relu().reshape([1, 16, 1, 16, 1, 8]).tile([1, 1, 2, 1, 2, 1]).reshape([1, 32, 32, 8]),
      (x: tf.Tensor) => x.relu().reshape([16, 16, 8]).tile([1, 2, 2]).reshape([1, 32, 32, 8]),
    ],
    "what is not reshaped else": [
      (x: tf.Tensor) => x.reshape([2, 2, 2, 2, 128]).relu().tile([2, 1, 1, 1, 2]),
      (x: tf.Tensor) =>
        x
          .reshape([2, 2, 2, 2, 128])
          .relu()
          .reshape([16, 128])
          .tile([2, 2])
          .reshape([4, 2, 2, 2, 256]),
    ],
  };
  for (const [name, [before, after]] of Object.entries(deep)) {
    it(`of a tile of many dimensions is to tile fewer: ${name}`, async () => {
      const remedy = "tf.tile of five dimensions or more runs on the host";
      await prove({ rule: "read-back", before, after, inputs: inputs(), remedy });
    });
  }

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

import { advise } from "@opcounter/ir";
import { trace } from "@opcounter/tracer";
import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { random, weight } from "./programs.ts";
import { type Program, prove } from "./prove.ts";

const rule = "tiled-operand";

describe("advice on tiled operands", () => {
  before(() => tf.setBackend("cpu"));
  const inputs = () => [random<tf.Rank.R2>([32, 64])];

  it("is to let the operation broadcast, on the GPU", async () => {
    await prove({
      rule,
      before: (x: tf.Tensor2D) => x.sub(x.mean(1, true).square().tile([1, 64])),
      after: (x: tf.Tensor2D) => x.sub(x.mean(1, true).square()),
      inputs: inputs(),
      remedy: "Leave tf.tile or tf.broadcastTo out",
    });
  });

  it("is given on the host, for several users", async () => {
    const scale = weight<tf.Rank.R2>([1, 64]);
    await prove({
      rule,
      before: (x: tf.Tensor2D) => {
        const tiled = scale.broadcastTo<tf.Rank.R2>([32, 64]);
        return tf.maximum(x.mul(tiled), x.add(tiled));
      },
      after: (x: tf.Tensor2D) => tf.maximum(x.mul(scale), x.add(scale)),
      inputs: inputs(),
      remedy: "Leave tf.tile or tf.broadcastTo out",
    });
  });

  const half = weight<tf.Rank.R2>([16, 64]);
  const row = weight<tf.Rank.R2>([1, 64]);
  const none: Readonly<Record<string, Program>> = {
    "where the operation would not broadcast": (x: tf.Tensor2D) => x.add(half.tile([2, 1])),
    "where the result would be smaller": (x: tf.Tensor2D) =>
      row
        .square()
        .tile([32, 1])
        .add(x.slice([0, 0], [1, 64])),
    "where the tiled value is returned": (x: tf.Tensor2D) => {
      const tiled = row.tile([32, 1]);
      return [tiled, x.add(tiled)];
    },
  };
  for (const [name, program] of Object.entries(none)) {
    it(`is not given ${name}`, async () => {
      const { advice } = advise(await trace(program, inputs(), { device: "virtual" }));
      expect(advice.filter((each) => each.rule === rule)).to.deep.equal([]);
    });
  }
});

import { advise } from "@opcounter/ir";
import { trace } from "@opcounter/tracer";
import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { random } from "./programs.ts";
import { prove } from "./prove.ts";

const rule = "written-gelu";

/** GELU as papers write it, with this factor inside the hyperbolic tangent. */
const gelu = (factor: number) => (x: tf.Tensor) =>
  x.mul(0.5).mul(x.pow(3).mul(0.044715).add(x).mul(factor).tanh().add(1));

const bySigmoid = (x: tf.Tensor) =>
  x.square().mul(0.07135482).add(1.59576912).mul(x).sigmoid().mul(x);

describe("advice on a GELU", () => {
  before(() => tf.setBackend("cpu"));
  const inputs = () => [random<tf.Rank.R2>([32, 64]).mul<tf.Tensor2D>(4)];

  it("is to compute it by a sigmoid", async () => {
    await prove({
      rule,
      before: gelu(Math.sqrt(2 / Math.PI)),
      after: bySigmoid,
      inputs: inputs(),
      remedy: "by a sigmoid",
    });
  });

  it("is given where the cube is written as products", async () => {
    await prove({
      rule,
      before: (x: tf.Tensor) => {
        const inner = x
          .mul(x)
          .mul(x)
          .mul(0.044715)
          .add(x)
          .mul(Math.sqrt(2 / Math.PI));
        return x.mul(0.5).mul(inner.tanh().add(1));
      },
      after: bySigmoid,
      inputs: inputs(),
      remedy: "by a sigmoid",
    });
  });

  it("is given where the cube is written as a product with a square", async () => {
    const cube = (x: tf.Tensor) => x.mul(x.square());
    await prove({
      rule,
      before: (x: tf.Tensor) => {
        const inner = tf.mul(Math.sqrt(2 / Math.PI), tf.add(x, tf.mul(0.044715, cube(x))));
        return x.mul(0.5).mul(inner.tanh().add(1));
      },
      after: bySigmoid,
      inputs: inputs(),
      remedy: "by a sigmoid",
    });
  });

  it("is a finding with another factor, for which the sigmoid is another function", async () => {
    const graph = await trace(gelu(0.8), inputs(), { device: "virtual" });
    const { advice, findings } = advise(graph);
    expect(advice).to.deep.equal([]);
    expect(findings.map((each) => each.rule)).to.deep.equal([rule]);
  });
});

import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { rejection } from "../../testing/rejection.ts";
import { type Target, trace } from "../index.ts";

describe("a target that computes nothing when it is called", () => {
  before(async () => {
    await tf.setBackend("cpu");
  });

  const traced = (target: Target) => trace(target, [tf.ones([2, 3])], { device: "virtual" });
  const refused: readonly [returns: string, target: Target][] = [
    [
      "runs no op and returns a generator, which is not run",
      function* (x: tf.Tensor) {
        yield x.add(1);
      },
    ],
    [
      "runs no op and returns a generator, which is not run",
      async function* (x: tf.Tensor) {
        yield await Promise.resolve(x.add(1));
      },
    ],
    ["runs no op and returns a function, which is not run", (x: tf.Tensor) => () => x.add(1)],
    [
      "runs 1 op and returns a function, which is not run",
      (x: tf.Tensor) => {
        const y = x.relu();
        return () => y.add(1);
      },
    ],
    ["runs no op and returns undefined", () => undefined],
    ["runs no op and returns null", async () => null],
    ["runs no op and returns a number", (x: tf.Tensor) => x.size],
    ["runs no op and returns an object of the class Array without tensors", () => []],
    ["runs no op and returns 1 tensor", (x: tf.Tensor) => x],
  ];
  for (const [what, target] of refused) {
    it(`is an error that says that it ${what}`, async () => {
      expect(await rejection(traced(target))).to.equal(
        `The target ${what}; a target must be a model, or a function that computes with tensors when it is called and returns the results.`,
      );
    });
  }

  it("is not one that returns nothing after it ran ops, as a training step does", async () => {
    const graph = await traced((x: tf.Tensor) => {
      x.relu();
    });
    expect(graph.ops.map(({ kernel }) => kernel)).to.deep.equal(["Relu"]);
  });
});

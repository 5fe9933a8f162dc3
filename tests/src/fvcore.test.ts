import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { figureOf, type Shapes } from "./counted-target.ts";

describe("fvcore", () => {
  const shape = [10, 5, 5, 10];
  const normalize = (x: tf.Tensor, scale?: tf.Tensor, offset?: tf.Tensor) => {
    const { mean, variance } = tf.moments(x, [0, 1, 2]);
    return tf.batchNorm(
      x as tf.Tensor4D,
      mean as tf.Tensor1D,
      variance as tf.Tensor1D,
      offset as tf.Tensor1D,
      scale as tf.Tensor1D,
    );
  };

  it("counts batch normalization by the batch's own statistics as training", async () => {
    // As fvcore's own tests have it, of 10 × 5 × 5 × 10.
    expect(await figureOf(normalize, [shape], "fvcore")).to.equal(10_000);
    expect(await figureOf(normalize, [shape, [10], [10]], "fvcore")).to.equal(12_500);
    const flat = (x: tf.Tensor) => {
      const { mean, variance } = tf.moments(x, 0);
      return tf.batchNorm(x as tf.Tensor2D, mean as tf.Tensor1D, variance as tf.Tensor1D);
    };
    expect(await figureOf(flat, [[10, 50]], "fvcore")).to.equal(4 * 500);
  });

  it("counts it as inference by statistics that come from elsewhere", async () => {
    const given = (x: tf.Tensor, mean: tf.Tensor) =>
      tf.batchNorm(x as tf.Tensor4D, mean.neg() as tf.Tensor1D, mean as tf.Tensor1D);
    expect(await figureOf(given, [shape, [10]], "fvcore")).to.equal(2_500);
  });

  it("counts the einsums of its own tests", async () => {
    const figure = (equation: string, shapes: Shapes) =>
      figureOf((...xs: tf.Tensor[]) => tf.einsum(equation, ...xs), shapes, "fvcore");
    expect(
      await figure("nct,ncp->ntp", [
        [1, 5, 2],
        [1, 5, 12],
      ]),
    ).to.equal(5 * 2 * 12);
    expect(
      await figure("ntg,ncg->nct", [
        [1, 2, 5],
        [1, 12, 5],
      ]),
    ).to.equal(2 * 5 * 12);
    expect(
      await figure("nctg,gvn->ctv", [
        [2, 3, 4, 5],
        [5, 6, 2],
      ]),
    ).to.equal(2 * 3 * 4 * 5 * 6);
    // Other equations are half of what numpy prints, with four digits: 12,345 pairs, and an outer product.
    expect(await figure("ij,j->i", [[5, 2469], [2469]])).to.equal(12_345);
    expect(
      await figure("ij,jk->ik", [
        [123, 457],
        [457, 61],
      ]),
    ).to.equal(3_429_000);
    expect(await figure("i,j->ij", [[4], [5]])).to.equal(10);
  });
});

import { advise } from "@opcounter/ir";
import { trace } from "@opcounter/tracer";
import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";

describe("values over WebGPU's default limits", () => {
  it("are findings that say by how much", async () => {
    const big = tf.zeros([80, 1024, 1024]);
    const { advice, findings } = advise(
      await trace((x: tf.Tensor) => x.relu(), [big], { device: "virtual" }),
    );
    expect(advice).to.deep.equal([]);
    expect(findings.map(({ rule }) => rule)).to.deep.equal([
      "over-default-limits",
      "over-default-limits",
    ]);
    expect(findings[0]?.finding).to.include("320.0 MiB, 64.00 MiB over").and.to.include("buffer");
    big.dispose();
  });
});

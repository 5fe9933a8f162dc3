import { advise, type Graph } from "@opcounter/ir";
import { trace } from "@opcounter/tracer";
import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { random, weight } from "./programs.ts";

const FLAG = "WEBGPU_THRESHOLD_TO_INCREASE_WORKGROUPS_FOR_MATMUL";

describe("scratch memory of convolutions", () => {
  before(() => tf.setBackend("cpu"));

  const traced = (size: number, channels: number, flags = {}): Promise<Graph> => {
    const filter = weight<tf.Rank.R4>([3, 3, channels, channels]);
    return trace(
      (x: tf.Tensor4D) => tf.conv2d(x, filter, 1, "same"),
      [random<tf.Rank.R4>([1, size, size, channels])],
      { device: "virtual", flags },
    );
  };

  it("is a finding where it outweighs the convolution", async () => {
    const graph = await traced(14, 16);
    const { advice, findings } = advise(graph);
    expect(advice).to.deep.equal([]);
    expect(findings.map(({ rule }) => rule)).to.deep.equal(["convolution-scratch"]);
    // 14·14 windows of 3·3·16 floats, 110 KiB; input and result take 12 KiB each, the filter 9 KiB.
    expect(findings[0]?.finding).to.include("110.3 KiB").and.to.include("3.3 times");
  });

  it("is not needed with the flag that the finding names, in one dispatch less", async () => {
    const [as, without] = [await traced(14, 16), await traced(14, 16, { [FLAG]: 0 })];
    expect(advise(without).findings).to.deep.equal([]);
    expect(as.ops[0]?.dispatches).to.have.length(2);
    expect(without.ops[0]?.dispatches).to.have.length(1);
  });

  it("is no finding where the weights are larger", async () => {
    const graph = await traced(4, 64);
    expect(graph.ops[0]?.dispatches[0]?.program).to.equal("Im2ColProgram");
    expect(advise(graph).findings).to.deep.equal([]);
  });
});

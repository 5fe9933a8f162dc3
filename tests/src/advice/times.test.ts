import { advise, recordingOf } from "@opcounter/ir";
import { trace } from "@opcounter/tracer";
import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { random, weight } from "./programs.ts";

describe("what advice saves in milliseconds @linux", () => {
  before(() => tf.setBackend("cpu"));

  const filter = weight<tf.Rank.R4>([3, 3, 8, 8]);
  const program = (x: tf.Tensor4D) => tf.conv2d(x, filter, 1, "same").relu();
  const inputs = () => [random<tf.Rank.R4>([1, 32, 32, 8])];

  it("is the time of the ops that go", async () => {
    const graph = await trace(program, inputs(), { device: "software", time: { runs: 3 } });
    const [advice] = advise(graph).advice;
    const relu = graph.ops.find(({ kernel }) => kernel === "Relu");
    if (relu === undefined) throw new Error("the program has a Relu");
    const onHost = recordingOf(graph)?.times?.opCpuMs.get(relu.id) ?? 0;
    const onDevice = relu.dispatches.reduce((ns, { gpuTime }) => ns + (gpuTime?.ns ?? 0), 0) / 1e6;
    expect(onHost + onDevice).to.be.greaterThan(0);
    expect(advice?.saves.milliseconds).to.be.closeTo(onHost + onDevice, 1e-9);
  });

  it("is absent where nothing was timed", async () => {
    const [advice] = advise(await trace(program, inputs(), { device: "virtual" })).advice;
    expect(advice?.saves).not.to.have.property("milliseconds");
  });
});

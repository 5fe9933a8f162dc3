import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { type EvaluateOptions, evaluate, trace } from "../index.ts";

describe("evaluate", () => {
  const device = "virtual";
  before(async () => {
    await tf.setBackend("cpu");
  });
  afterEach(async () => {
    await tf.setBackend("cpu");
  });

  const texts = (values: unknown) =>
    Array.from(values as Uint8Array[], (text) => new TextDecoder().decode(text));

  for (const backend of ["cpu", "wasm"]) {
    it(`takes texts, as inputs and as constants, that are on the ${backend} backend`, async () => {
      // Evaluating loads wasm.
      await evaluate(await trace(() => tf.ones([1]).neg(), [], { device }), []);
      await tf.setBackend(backend);
      const words = tf.tensor1d(["a", "é"]);
      const many = tf.tensor1d(new Array<string>(40).fill("b"));
      const graph = await trace((s: tf.Tensor1D) => tf.concat([s, many]), [words], { device });
      const [result] = await evaluate(graph, [words]);
      expect(texts(result?.values).slice(0, 4)).to.deep.equal(["a", "é", "b", "b"]);
      tf.dispose([words, many]);
    });
  }

  it("gives a scalar for its cumulative sum and product, as the device does @linux", async () => {
    const read: number[] = [];
    const program = async (x: tf.Tensor) => {
      const results = [tf.cumsum(x), tf.cumprod(x)];
      for (const result of results) read.push(...(await result.data()));
      return results;
    };
    const x = tf.scalar(-1.5);
    for (const name of ["virtual", "software"] as const) {
      const graph = await trace(program, [x], { device: name });
      expect(read.splice(0), name).to.deep.equal([-1.5, -1.5]);
      const results = await evaluate(graph, [x]);
      expect(results.flatMap(({ values }) => [...values])).to.deep.equal([-1.5, -1.5]);
    }
    x.dispose();
  });

  it("leaves no tensor, also of kernels that give the engine one", async () => {
    const x = tf.tensor1d([-1, 2]);
    const graph = await trace((x: tf.Tensor) => x.abs().sqrt(), [x], { device });
    const before = tf.memory();
    const [result] = await evaluate(graph, [x]);
    expect([...(result?.values ?? [])]).to.deep.equal([1, Math.fround(Math.SQRT2)]);
    expect(tf.memory()).to.deep.equal(before);
    x.dispose();
  });

  it("says what is wrong with what it is given", async () => {
    const weight = tf.variable(tf.ones([2, 3]), true, "weight");
    const graph = await trace((x: tf.Tensor) => x.mul(weight), [tf.ones([2, 3])], { device });
    weight.dispose();
    const refusal = (inputs: unknown, options: EvaluateOptions = {}) =>
      // Sound: what it does with anything else is what is tested.
      evaluate(graph, inputs as tf.Tensor[], options).then(
        () => "nothing",
        (error) => `${error.name}: ${error.message}`,
      );
    expect(await refusal(null)).to.equal(
      "OpcounterError: The inputs are null; pass tensors in an array, or by name in a record.",
    );
    expect(await refusal(tf.ones([2, 3]))).to.include("OpcounterError: The inputs are one tensor");
    expect(await refusal([1])).to.include('OpcounterError: Input "0" is not a tensor');
    const x = tf.ones([2, 3]);
    expect(await refusal([x, x])).to.include("takes 1 input, and 2 are given");
    expect(await refusal([x], { values: [99] })).to.include("has no value 99; it has 3 values");
    expect(await refusal([x], { given: () => new Float32Array(5) })).to.equal(
      'OpcounterError: The param "weight" is f32[2,3], which takes 6 elements, and 5 are given.',
    );
  });
});

import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { closeDevices, evaluate, trace } from "../index.ts";

describe("evaluate", () => {
  const device = "virtual";
  before(async () => {
    await tf.setBackend("cpu");
  });
  afterEach(async () => {
    await tf.setBackend("cpu");
  });
  after(closeDevices);

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
});

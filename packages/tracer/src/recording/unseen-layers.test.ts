import { notesOf } from "@opcounter/ir";
import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { trace } from "../index.ts";

const notesOfTrace = async (program: (x: tf.Tensor) => tf.Tensor) =>
  notesOf(await trace(program, [tf.ones([1, 2])], { device: "virtual" })).join(" ");

describe("layers of a copy of TensorFlow.js that is not known", () => {
  before(() => tf.setBackend("cpu"));

  it("are told of by the names of their weights", async () => {
    const names = ["far/kernel", "far/bias", "far/scale"];
    const weights = names.map((name) => tf.variable(tf.ones([2]), true, name));
    const note = await notesOfTrace((x) => weights.reduce<tf.Tensor>((y, w) => y.mul(w), x));
    expect(note).to.match(
      /^3 variables named as weights of layers are, such as far\/kernel, were used outside of every layer's call\. .*{ tf }/,
    );
    tf.dispose(weights);
  });

  it("are not where a known layer has the weights, a variable has another name", async () => {
    const dense = tf.layers.dense({ name: "near", units: 2 });
    const own = tf.variable(tf.ones([2]), true, "own");
    expect(await notesOfTrace((x) => tf.mul(dense.apply(x) as tf.Tensor, own))).to.equal("");
    tf.dispose([own]);
    dense.dispose();
  });
});

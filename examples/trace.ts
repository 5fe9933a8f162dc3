import * as tf from "@tensorflow/tfjs";
import { print, trace } from "opcounter";

/** Scaled dot-product attention: names given to tf.tidy become scopes. */
function attention(query: tf.Tensor3D, key: tf.Tensor3D, value: tf.Tensor3D): tf.Tensor {
  const scores = tf.tidy("scores", () =>
    tf.softmax(tf.matMul(query, key, false, true).div(Math.sqrt(query.shape[2]))),
  );
  return tf.tidy("mix", () => tf.matMul(scores, value));
}

const tokens = () => tf.zeros<tf.Rank.R3>([1, 16, 64]);
const graph = await trace(attention, [tokens(), tokens(), tokens()], { device: "virtual" });
console.log(print(graph));

/**
 * A module with one block of a transformer, as small as a software GPU needs it. TensorFlow.js runs
 * two `Tile` kernels of each layer normalization on the host.
 */
export const SMALL_TRANSFORMER = `export const inputs = ["tokens=1x16x64"];
export default (tf) => {
  const dense = (name, units, x, activation) =>
    tf.layers.dense({ name, units, activation }).apply(x);
  const norm = (name, x) => tf.layers.layerNormalization({ name }).apply(x);
  const dot = (name, a, b, axes) => tf.layers.dot({ name, axes }).apply([a, b]);
  const attention = (x) => {
    const [q, k, v] = ["q", "k", "v"].map((name) => dense(name, 16, x));
    const scores = dot("scores", q, k, [2, 2]);
    const weights = tf.layers.activation({ name: "weights", activation: "softmax" }).apply(scores);
    return dense("out", 64, dot("mix", weights, v, [2, 1]));
  };
  const tokens = tf.input({ shape: [16, 64], name: "tokens" });
  const x = tf.layers.add({ name: "add_1" }).apply([tokens, attention(norm("norm_1", tokens))]);
  const mlp = dense("mlp_2", 64, dense("mlp_1", 32, norm("norm_2", x), "relu"));
  const y = tf.layers.add({ name: "add_2" }).apply([x, mlp]);
  return tf.model({ inputs: tokens, outputs: norm("norm_3", y) });
};
`;

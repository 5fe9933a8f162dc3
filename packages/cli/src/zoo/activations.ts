import type { Tensor } from "../tfjs-layers.ts";
import type { Tfjs } from "./zoo-model.ts";

/** x/2·(1 + erf(x/√2)) */
const gelu = (tf: Tfjs, x: Tensor) =>
  tf.mul(tf.mul(x, 0.5), tf.add(tf.erf(tf.div(x, Math.SQRT2)), 1));

/** Activations that are modules in PyTorch, by the module's class. */
export const ACTIVATIONS = {
  /** One kernel; tfjs's layer `reLU({ maxValue: 6 })` runs two. */
  ReLU6: (tf, x) => tf.relu6(x),
  Sigmoid: (tf, x) => tf.sigmoid(x),
  Tanh: (tf, x) => tf.tanh(x),
  /** x·σ(x) */
  SiLU: (tf, x) => tf.mul(x, tf.sigmoid(x)),
  /** min(max(x + 3, 0), 6) / 6 */
  Hardsigmoid: (tf, x) => tf.div(tf.clipByValue(tf.add(x, 3), 0, 6), 6),
  /** x·min(max(x + 3, 0), 6) / 6 */
  Hardswish: (tf, x) => tf.div(tf.mul(x, tf.clipByValue(tf.add(x, 3), 0, 6)), 6),
  GELU: gelu,
  /** The same as a class of Hugging Face's, which tools that hook `nn.GELU` do not know. */
  GELUActivation: gelu,
  /** GPT-2's GELU: x/2·(1 + tanh(√(2/π)·(x + 0.044715·x³))) */
  NewGELU(tf, x) {
    const cube = tf.mul(tf.mul(x, x), x);
    const inner = tf.mul(tf.add(x, tf.mul(cube, 0.044715)), Math.sqrt(2 / Math.PI));
    return tf.mul(tf.mul(x, 0.5), tf.add(tf.tanh(inner), 1));
  },
} satisfies Readonly<Record<string, (tf: Tfjs, x: Tensor) => Tensor>>;

export type Activation = keyof typeof ACTIVATIONS | "ReLU";

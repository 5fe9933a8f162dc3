import type { Tensor } from "@tensorflow/tfjs";
import type { Tfjs } from "./zoo-model.ts";

/** Activations that are modules in PyTorch, by the module's class. */
export const ACTIVATIONS = {
  /** One kernel; tfjs's layer `reLU({ maxValue: 6 })` runs two. */
  ReLU6: (tf, x) => tf.relu6(x),
  Sigmoid: (tf, x) => tf.sigmoid(x),
  /** x·σ(x) */
  SiLU: (tf, x) => tf.mul(x, tf.sigmoid(x)),
  /** min(max(x + 3, 0), 6) / 6 */
  Hardsigmoid: (tf, x) => tf.div(tf.clipByValue(tf.add(x, 3), 0, 6), 6),
  /** x·min(max(x + 3, 0), 6) / 6 */
  Hardswish: (tf, x) => tf.div(tf.mul(x, tf.clipByValue(tf.add(x, 3), 0, 6)), 6),
} satisfies Readonly<Record<string, (tf: Tfjs, x: Tensor) => Tensor>>;

export type Activation = keyof typeof ACTIVATIONS | "ReLU";

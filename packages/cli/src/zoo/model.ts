import type * as tf from "@tensorflow/tfjs";

/** The TensorFlow.js to build with: the copy that is traced. */
export type Tfjs = typeof tf;

/** A model of the zoo. Its weights are zeros: what a model costs does not depend on them. */
export interface ZooModel {
  /** The paper that describes the architecture. */
  readonly paper: { readonly title: string; readonly year: number };
  /** The input's shape, batch first, channels last. */
  readonly input: readonly [number, number, number, number];
  /** Builds the model as torchvision does, its layers named after torchvision's modules. */
  build(tf: Tfjs): tf.LayersModel;
}

import type { DType, Shape } from "@opcounter/ir";
import type * as tfjs from "../tfjs-layers.ts";

/** The TensorFlow.js that a model is built with; a program may hold several copies. */
export type Tfjs = typeof tfjs;

/** A published architecture, built layer by layer as in the library that it names. */
export interface ZooModel {
  /** The name in torchvision, if torchvision has the model: `densenet121`. */
  readonly name: string;
  readonly paper: Paper;
  /** Its default inputs, with the batch first. Most models take other sizes too. */
  readonly inputs: readonly ZooInput[];
  /** How and why it differs from the library or the paper, if it does. */
  readonly note?: string;
  /** Builds the model with all weights 0, which takes little time and memory. */
  build(tf: Tfjs): tfjs.LayersModel;
}

export interface ZooInput {
  readonly name: string;
  readonly shape: Shape;
  readonly dtype: DType;
}

export interface Paper {
  readonly title: string;
  readonly year: number;
  readonly url: string;
}

/** One image of ImageNet's usual size. */
export const IMAGENET_INPUTS: readonly ZooInput[] = [
  { name: "image", shape: [1, 224, 224, 3], dtype: "float32" },
];

import type { DType, Shape } from "@opcounter/ir";
import type * as tfjs from "../tfjs.ts";

/** The TensorFlow.js that a model is built with; a program may hold several copies. */
export type Tfjs = typeof tfjs;

/** A published architecture, built layer by layer as the library that is named builds it. */
export interface ZooModel {
  /** torchvision's name for it, where it has the model: `densenet121`. */
  readonly name: string;
  readonly paper: Paper;
  /** Its usual inputs, with the batch first. Most models take other sizes too. */
  readonly inputs: readonly ZooInput[];
  /** Where it is not what the library or the paper has, how and why. */
  readonly note?: string;
  /** Builds the model with all weights 0, which costs neither time nor memory. */
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

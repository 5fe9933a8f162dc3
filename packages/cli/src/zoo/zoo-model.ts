import type * as tfjs from "@tensorflow/tfjs";

/** The TensorFlow.js that a model is built with; a program may hold several copies. */
export type Tfjs = typeof tfjs;

/** A published architecture, built layer by layer as torchvision builds it. */
export interface ZooModel {
  /** torchvision's name for it: `densenet121`. */
  readonly name: string;
  readonly paper: Paper;
  /** The input it is published for, `[batch, height, width, channels]`; other sizes work too. */
  readonly input: readonly number[];
  /** Where it is not what torchvision or the paper has, how and why. */
  readonly note?: string;
  /** Builds the model with all weights 0, which costs neither time nor memory. */
  build(tf: Tfjs): tfjs.LayersModel;
}

export interface Paper {
  readonly title: string;
  readonly year: number;
  readonly url: string;
}

/** One image of ImageNet's usual size. */
export const IMAGENET_INPUT = [1, 224, 224, 3] as const;

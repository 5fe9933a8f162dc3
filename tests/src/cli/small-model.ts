import * as tf from "@tensorflow/tfjs";
import { modelFiles } from "../command-line.ts";

export interface ModelFiles {
  readonly json: string;
  readonly bin: Uint8Array;
}

/** A convolution and a dense layer of images of 8×8, as files: `model.json` and `weights.bin`. */
export async function smallModel(): Promise<ModelFiles> {
  await tf.setBackend("cpu");
  const layers = [
    tf.layers.conv2d({ name: "conv", inputShape: [8, 8, 3], filters: 4, kernelSize: 3 }),
    tf.layers.flatten({ name: "flatten" }),
    tf.layers.dense({ name: "fc", units: 5 }),
  ];
  return modelFiles(tf.sequential({ name: "small", layers }));
}

import * as tf from "@tensorflow/tfjs";
import { modelFiles, type temporaryFolder } from "../command-line.ts";

export interface ModelFiles {
  readonly json: string;
  readonly bin: Uint8Array;
}

/**
 * Writes a convolution and a dense layer of images of 8×8 into a folder, as `model.json` and
 * `weights.bin`. Returns what it wrote.
 */
export async function writeSmallModel(
  folder: ReturnType<typeof temporaryFolder>,
): Promise<ModelFiles> {
  await tf.setBackend("cpu");
  const layers = [
    tf.layers.conv2d({ name: "conv", inputShape: [8, 8, 3], filters: 4, kernelSize: 3 }),
    tf.layers.flatten({ name: "flatten" }),
    tf.layers.dense({ name: "fc", units: 5 }),
  ];
  const model = await modelFiles(tf.sequential({ name: "small", layers }));
  folder.write("model.json", model.json);
  folder.write("weights.bin", model.bin);
  return model;
}

import type { LayersModel, SymbolicTensor } from "@tensorflow/tfjs";
import { TorchModules } from "./torch-modules.ts";
import type { Tfjs } from "./zoo-model.ts";

/** ImageNet's number of classes. */
export const CLASSES = 1000;

/**
 * A model from images of any height and width to what `forward` makes of them.
 *
 * @param forward adds the model's modules, as the forward method of torchvision's does.
 */
export function imageClassifier(
  tf: Tfjs,
  name: string,
  forward: (modules: TorchModules, image: SymbolicTensor) => SymbolicTensor,
): LayersModel {
  const image = tf.input({ name: "image", shape: [null, null, 3] });
  return tf.model({ name, inputs: image, outputs: forward(new TorchModules(tf), image) });
}

import type { LayersModel, SymbolicTensor } from "../tfjs.ts";
import { TorchModules } from "./torch-modules.ts";
import type { Tfjs } from "./zoo-model.ts";

/** ImageNet's number of classes. */
export const CLASSES = 1000;

/**
 * A model from images to what `forward` makes of them.
 *
 * @param forward adds the model's modules, as the forward method of torchvision's does.
 * @param size the images' height and width, where not any will do.
 */
export function imageClassifier(
  tf: Tfjs,
  name: string,
  forward: (modules: TorchModules, image: SymbolicTensor) => SymbolicTensor,
  size: number | null = null,
): LayersModel {
  const image = tf.input({ name: "image", shape: [size, size, 3] });
  return tf.model({ name, inputs: image, outputs: forward(new TorchModules(tf), image) });
}

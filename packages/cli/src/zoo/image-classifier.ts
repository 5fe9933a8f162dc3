import type { LayersModel, SymbolicTensor } from "../tfjs-layers.ts";
import { TorchModules } from "./torch-modules.ts";
import type { Tfjs } from "./zoo-model.ts";

/** ImageNet's number of classes. */
export const CLASSES = 1000;

/**
 * A model of images.
 *
 * @param forward adds the modules, as the forward method of torchvision's model does.
 * @param size the height and width of the images, if the model needs a certain one.
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

import type { SymbolicTensor } from "../tfjs-layers.ts";
import { CLASSES, imageClassifier } from "./image-classifier.ts";
import type { TorchModules } from "./torch-modules.ts";
import { IMAGENET_INPUTS, type ZooModel } from "./zoo-model.ts";

/** AlexNet in one tower, as Krizhevsky 2014 redrew the network of 2012. */
export const alexnet: ZooModel = {
  name: "alexnet",
  paper: {
    title: "One weird trick for parallelizing convolutional neural networks",
    year: 2014,
    url: "https://arxiv.org/abs/1404.5997",
  },
  inputs: IMAGENET_INPUTS,
  build: (tf) =>
    imageClassifier(tf, "alexnet", (modules, image) => {
      const features = alexnetFeatures(modules.within("features"), image);
      const pooled = modules.adaptiveAvgPool2d("avgpool", features, 6);
      return alexnetClassifier(modules.within("classifier"), modules.flatten(pooled));
    }),
};

function alexnetFeatures(modules: TorchModules, image: SymbolicTensor): SymbolicTensor {
  const pool = { stride: 2 };
  let x = modules.conv2d(0, image, 64, 11, { stride: 4, padding: 2, bias: true });
  x = modules.relu(1, x);
  x = modules.maxPool2d(2, x, 3, pool);
  x = modules.conv2d(3, x, 192, 5, { bias: true });
  x = modules.relu(4, x);
  x = modules.maxPool2d(5, x, 3, pool);
  x = modules.conv2d(6, x, 384, 3, { bias: true });
  x = modules.relu(7, x);
  x = modules.conv2d(8, x, 256, 3, { bias: true });
  x = modules.relu(9, x);
  x = modules.conv2d(10, x, 256, 3, { bias: true });
  x = modules.relu(11, x);
  return modules.maxPool2d(12, x, 3, pool);
}

function alexnetClassifier(modules: TorchModules, features: SymbolicTensor): SymbolicTensor {
  let x = modules.dropout(0, features);
  x = modules.linear(1, x, 4096);
  x = modules.relu(2, x);
  x = modules.dropout(3, x);
  x = modules.linear(4, x, 4096);
  x = modules.relu(5, x);
  return modules.linear(6, x, CLASSES);
}

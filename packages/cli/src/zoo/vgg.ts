import type { SymbolicTensor } from "../tfjs-layers.ts";
import { CLASSES, imageClassifier } from "./image-classifier.ts";
import type { TorchModules } from "./torch-modules.ts";
import { IMAGENET_INPUTS, type ZooModel } from "./zoo-model.ts";

/** The filters of five stages of 3x3 convolutions, each of which ends in a max pooling. */
const STAGES: Readonly<Record<string, readonly (readonly number[])[]>> = {
  vgg11: [[64], [128], [256, 256], [512, 512], [512, 512]],
  vgg13: [
    [64, 64],
    [128, 128],
    [256, 256],
    [512, 512],
    [512, 512],
  ],
  vgg16: [
    [64, 64],
    [128, 128],
    [256, 256, 256],
    [512, 512, 512],
    [512, 512, 512],
  ],
  vgg19: [[64, 64], [128, 128], Array(4).fill(256), Array(4).fill(512), Array(4).fill(512)],
};

/** VGG, with and without batch normalization (Simonyan and Zisserman 2014). */
export const vgg: readonly ZooModel[] = Object.entries(STAGES).flatMap(([name, stages]) => [
  vggModel(name, stages, false),
  vggModel(`${name}_bn`, stages, true),
]);

function vggModel(
  name: string,
  stages: readonly (readonly number[])[],
  batchNorm: boolean,
): ZooModel {
  return {
    name,
    paper: {
      title: "Very Deep Convolutional Networks for Large-Scale Image Recognition",
      year: 2014,
      url: "https://arxiv.org/abs/1409.1556",
    },
    inputs: IMAGENET_INPUTS,
    build: (tf) =>
      imageClassifier(tf, name, (modules, image) => {
        const features = vggFeatures(modules.within("features"), image, stages, batchNorm);
        const pooled = modules.adaptiveAvgPool2d("avgpool", features, 7);
        return vggClassifier(modules.within("classifier"), modules.flatten(pooled));
      }),
  };
}

function vggFeatures(
  modules: TorchModules,
  image: SymbolicTensor,
  stages: readonly (readonly number[])[],
  batchNorm: boolean,
): SymbolicTensor {
  let x = image;
  let index = 0;
  for (const stage of stages) {
    for (const filters of stage) {
      x = modules.conv2d(index++, x, filters, 3, { bias: true });
      if (batchNorm) x = modules.batchNorm2d(index++, x);
      x = modules.relu(index++, x);
    }
    x = modules.maxPool2d(index++, x, 2);
  }
  return x;
}

function vggClassifier(modules: TorchModules, features: SymbolicTensor): SymbolicTensor {
  let x = modules.linear(0, features, 4096);
  x = modules.relu(1, x);
  x = modules.dropout(2, x);
  x = modules.linear(3, x, 4096);
  x = modules.relu(4, x);
  x = modules.dropout(5, x);
  return modules.linear(6, x, CLASSES);
}

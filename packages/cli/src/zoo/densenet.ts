import type { SymbolicTensor } from "../tfjs-layers.ts";
import { adaptiveAveragePooling } from "./custom-layers.ts";
import { CLASSES, imageClassifier } from "./image-classifier.ts";
import type { TorchModules } from "./torch-modules.ts";
import { IMAGENET_INPUTS, type ZooModel } from "./zoo-model.ts";

interface Architecture {
  /** How many channels each dense layer adds. */
  readonly growth: number;
  /** The number of dense layers in each block. */
  readonly blocks: readonly number[];
  readonly stemFilters: number;
}

const ARCHITECTURES: Readonly<Record<string, Architecture>> = {
  densenet121: { growth: 32, blocks: [6, 12, 24, 16], stemFilters: 64 },
  densenet161: { growth: 48, blocks: [6, 12, 36, 24], stemFilters: 96 },
  densenet169: { growth: 32, blocks: [6, 12, 32, 32], stemFilters: 64 },
  densenet201: { growth: 32, blocks: [6, 12, 48, 32], stemFilters: 64 },
};

/** The 1x1 convolution of a dense layer has this many times its growth in channels. */
const BOTTLENECK = 4;

/** DenseNet (Huang et al. 2016). Its last ReLU and its global pooling are functional. */
export const densenet: readonly ZooModel[] = Object.entries(ARCHITECTURES).map(
  ([name, architecture]) => ({
    name,
    paper: {
      title: "Densely Connected Convolutional Networks",
      year: 2016,
      url: "https://arxiv.org/abs/1608.06993",
    },
    inputs: IMAGENET_INPUTS,
    build: (tf) =>
      imageClassifier(tf, name, (modules, image) => {
        let x = denseFeatures(modules.within("features"), image, architecture);
        x = modules.functional("relu", x, { compute: (features) => tf.relu(features) });
        x = modules.functional("adaptive_avg_pool2d", x, adaptiveAveragePooling(tf, 1));
        return modules.linear("classifier", modules.flatten(x), CLASSES);
      }),
  }),
);

function denseFeatures(
  modules: TorchModules,
  image: SymbolicTensor,
  { growth, blocks, stemFilters }: Architecture,
): SymbolicTensor {
  let x = modules.conv2d("conv0", image, stemFilters, 7, { stride: 2 });
  x = modules.batchNorm2d("norm0", x);
  x = modules.relu("relu0", x);
  x = modules.maxPool2d("pool0", x, 3, { stride: 2, padding: 1 });
  let channels = stemFilters;
  for (const [i, layers] of blocks.entries()) {
    x = denseBlock(modules.within(`denseblock${i + 1}`), x, layers, growth);
    channels += layers * growth;
    if (i === blocks.length - 1) break;
    channels /= 2;
    x = transition(modules.within(`transition${i + 1}`), x, channels);
  }
  return modules.batchNorm2d("norm5", x);
}

/** Each layer takes the results of all layers before it, which are joined two at a time. */
function denseBlock(
  modules: TorchModules,
  input: SymbolicTensor,
  layers: number,
  growth: number,
): SymbolicTensor {
  let x = input;
  for (let i = 1; i <= layers; i++) {
    const layer = modules.within(`denselayer${i}`);
    x = layer.concat([x, denseLayer(layer, x, growth)]);
  }
  return x;
}

function denseLayer(modules: TorchModules, input: SymbolicTensor, growth: number): SymbolicTensor {
  let x = modules.batchNorm2d("norm1", input);
  x = modules.relu("relu1", x);
  x = modules.conv2d("conv1", x, BOTTLENECK * growth, 1);
  x = modules.batchNorm2d("norm2", x);
  x = modules.relu("relu2", x);
  return modules.conv2d("conv2", x, growth, 3);
}

function transition(
  modules: TorchModules,
  input: SymbolicTensor,
  channels: number,
): SymbolicTensor {
  let x = modules.batchNorm2d("norm", input);
  x = modules.relu("relu", x);
  x = modules.conv2d("conv", x, channels, 1);
  return modules.avgPool2d("pool", x, 2);
}

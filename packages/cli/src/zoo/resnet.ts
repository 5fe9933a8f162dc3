import type { SymbolicTensor } from "../tfjs-layers.ts";
import { CLASSES, imageClassifier } from "./image-classifier.ts";
import type { TorchModules } from "./torch-modules.ts";
import { IMAGENET_INPUTS, type Paper, type ZooModel } from "./zoo-model.ts";

interface Architecture {
  readonly block: "basic" | "bottleneck";
  /** The number of blocks in each stage. */
  readonly stages: readonly number[];
  /** Groups of the 3x3 convolution in a bottleneck, and the width of a group at 64 filters. */
  readonly groups?: number;
  readonly groupWidth?: number;
}

const RESNET: Paper = {
  title: "Deep Residual Learning for Image Recognition",
  year: 2015,
  url: "https://arxiv.org/abs/1512.03385",
};
const WIDE_RESNET: Paper = {
  title: "Wide Residual Networks",
  year: 2016,
  url: "https://arxiv.org/abs/1605.07146",
};
const RESNEXT: Paper = {
  title: "Aggregated Residual Transformations for Deep Neural Networks",
  year: 2016,
  url: "https://arxiv.org/abs/1611.05431",
};

/** ResNet (He et al. 2015). The stride is in the 3x3 convolution, as in torchvision. */
const RESNETS: Readonly<Record<string, Architecture>> = {
  resnet18: { block: "basic", stages: [2, 2, 2, 2] },
  resnet34: { block: "basic", stages: [3, 4, 6, 3] },
  resnet50: { block: "bottleneck", stages: [3, 4, 6, 3] },
  resnet101: { block: "bottleneck", stages: [3, 4, 23, 3] },
  resnet152: { block: "bottleneck", stages: [3, 8, 36, 3] },
};

/** Twice as wide inside a bottleneck (Zagoruyko and Komodakis 2016). */
const WIDE_RESNETS: Readonly<Record<string, Architecture>> = {
  wide_resnet50_2: { block: "bottleneck", stages: [3, 4, 6, 3], groupWidth: 128 },
  wide_resnet101_2: { block: "bottleneck", stages: [3, 4, 23, 3], groupWidth: 128 },
};

/** Grouped 3x3 convolutions (Xie et al. 2016). */
const RESNEXTS: Readonly<Record<string, Architecture>> = {
  resnext50_32x4d: { block: "bottleneck", stages: [3, 4, 6, 3], groups: 32, groupWidth: 4 },
  resnext101_32x8d: { block: "bottleneck", stages: [3, 4, 23, 3], groups: 32, groupWidth: 8 },
};

const GROUPED_NOTE =
  "TensorFlow.js has no grouped convolution; a depthwise convolution and a sum do the same multiplications.";

export const resnet: readonly ZooModel[] = [
  ...resnetModels(RESNETS, RESNET),
  ...resnetModels(WIDE_RESNETS, WIDE_RESNET),
  ...resnetModels(RESNEXTS, RESNEXT).map((model) => ({ ...model, note: GROUPED_NOTE })),
];

function resnetModels(
  architectures: Readonly<Record<string, Architecture>>,
  paper: Paper,
): ZooModel[] {
  return Object.entries(architectures).map(([name, architecture]) => ({
    name,
    paper,
    inputs: IMAGENET_INPUTS,
    build: (tf) =>
      imageClassifier(tf, name, (modules, image) => {
        const features = resnetFeatures(modules, image, architecture);
        const pooled = modules.adaptiveAvgPool2d("avgpool", features, 1);
        return modules.linear("fc", modules.flatten(pooled), CLASSES);
      }),
  }));
}

function resnetFeatures(
  modules: TorchModules,
  image: SymbolicTensor,
  architecture: Architecture,
): SymbolicTensor {
  let x = modules.conv2d("conv1", image, 64, 7, { stride: 2 });
  x = modules.batchNorm2d("bn1", x);
  x = modules.relu("relu", x);
  x = modules.maxPool2d("maxpool", x, 3, { stride: 2, padding: 1 });
  for (const [i, blocks] of architecture.stages.entries()) {
    const stage = modules.within(`layer${i + 1}`);
    for (let block = 0; block < blocks; block++) {
      const stride = i > 0 && block === 0 ? 2 : 1;
      x = residualBlock(stage.within(block), x, 64 * 2 ** i, stride, architecture);
    }
  }
  return x;
}

function residualBlock(
  modules: TorchModules,
  input: SymbolicTensor,
  filters: number,
  stride: number,
  architecture: Architecture,
): SymbolicTensor {
  const isBasic = architecture.block === "basic";
  const outputChannels = isBasic ? filters : 4 * filters;
  const residual = isBasic
    ? basicBranch(modules, input, filters, stride)
    : bottleneckBranch(modules, input, filters, stride, architecture);
  const changesShape = stride !== 1 || input.shape.at(-1) !== outputChannels;
  const shortcut = changesShape
    ? downsample(modules.within("downsample"), input, outputChannels, stride)
    : input;
  return modules.relu("relu", modules.add([residual, shortcut]));
}

function basicBranch(
  modules: TorchModules,
  input: SymbolicTensor,
  filters: number,
  stride: number,
): SymbolicTensor {
  let x = modules.conv2d("conv1", input, filters, 3, { stride });
  x = modules.batchNorm2d("bn1", x);
  x = modules.relu("relu", x);
  x = modules.conv2d("conv2", x, filters, 3);
  return modules.batchNorm2d("bn2", x);
}

function bottleneckBranch(
  modules: TorchModules,
  input: SymbolicTensor,
  filters: number,
  stride: number,
  { groups = 1, groupWidth = 64 }: Architecture,
): SymbolicTensor {
  const width = (filters / 64) * groupWidth * groups;
  let x = modules.conv2d("conv1", input, width, 1);
  x = modules.batchNorm2d("bn1", x);
  x = modules.relu("relu", x);
  x = modules.conv2d("conv2", x, width, 3, { stride, groups });
  x = modules.batchNorm2d("bn2", x);
  x = modules.relu("relu", x);
  x = modules.conv2d("conv3", x, 4 * filters, 1);
  return modules.batchNorm2d("bn3", x);
}

function downsample(
  modules: TorchModules,
  input: SymbolicTensor,
  filters: number,
  stride: number,
): SymbolicTensor {
  return modules.batchNorm2d(1, modules.conv2d(0, input, filters, 1, { stride }));
}

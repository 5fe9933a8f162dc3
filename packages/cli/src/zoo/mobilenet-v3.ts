import type { SymbolicTensor } from "../tfjs-layers.ts";
import type { Activation } from "./activations.ts";
import { multipleOf8 } from "./channels.ts";
import { CLASSES, imageClassifier } from "./image-classifier.ts";
import { squeezeExcitation } from "./squeeze-excitation.ts";
import type { Convolution, TorchModules } from "./torch-modules.ts";
import { IMAGENET_INPUTS, type ZooModel } from "./zoo-model.ts";

interface Block {
  readonly kernel: number;
  /** Channels inside the block, and channels of its result. */
  readonly width: number;
  readonly filters: number;
  readonly squeezes: boolean;
  readonly activation: Activation;
  readonly stride: number;
}

/** A row of the paper's table 1. */
function row(
  kernel: number,
  width: number,
  filters: number,
  squeezes: boolean,
  activation: Activation,
  stride: number,
): Block {
  return { kernel, width, filters, squeezes, activation, stride };
}

const STEM_FILTERS = 16;

const LARGE: readonly Block[] = [
  row(3, 16, 16, false, "ReLU", 1),
  row(3, 64, 24, false, "ReLU", 2),
  row(3, 72, 24, false, "ReLU", 1),
  row(5, 72, 40, true, "ReLU", 2),
  row(5, 120, 40, true, "ReLU", 1),
  row(5, 120, 40, true, "ReLU", 1),
  row(3, 240, 80, false, "Hardswish", 2),
  row(3, 200, 80, false, "Hardswish", 1),
  row(3, 184, 80, false, "Hardswish", 1),
  row(3, 184, 80, false, "Hardswish", 1),
  row(3, 480, 112, true, "Hardswish", 1),
  row(3, 672, 112, true, "Hardswish", 1),
  row(5, 672, 160, true, "Hardswish", 2),
  row(5, 960, 160, true, "Hardswish", 1),
  row(5, 960, 160, true, "Hardswish", 1),
];

/** MobileNetV3-Large (Howard et al. 2019). */
export const mobilenetV3: ZooModel = {
  name: "mobilenet_v3_large",
  paper: {
    title: "Searching for MobileNetV3",
    year: 2019,
    url: "https://arxiv.org/abs/1905.02244",
  },
  inputs: IMAGENET_INPUTS,
  build: (tf) =>
    imageClassifier(tf, "mobilenet_v3_large", (modules, image) => {
      const features = mobilenetFeatures(modules.within("features"), image);
      const pooled = modules.flatten(modules.adaptiveAvgPool2d("avgpool", features, 1));
      const classifier = modules.within("classifier");
      let x = classifier.linear(0, pooled, 1280);
      x = classifier.activation("Hardswish", 1, x);
      x = classifier.dropout(2, x, 0.2);
      return classifier.linear(3, x, CLASSES);
    }),
};

function mobilenetFeatures(modules: TorchModules, image: SymbolicTensor): SymbolicTensor {
  let x = convNorm(modules.within(0), image, STEM_FILTERS, 3, "Hardswish", { stride: 2 });
  let channels = STEM_FILTERS;
  for (const [i, block] of LARGE.entries()) {
    x = invertedResidual(modules.within(i + 1), x, channels, block);
    channels = block.filters;
  }
  return convNorm(modules.within(LARGE.length + 1), x, 6 * channels, 1, "Hardswish");
}

function invertedResidual(
  modules: TorchModules,
  input: SymbolicTensor,
  channels: number,
  { kernel, width, filters, squeezes, activation, stride }: Block,
): SymbolicTensor {
  const block = modules.within("block");
  const depthwise = { stride, groups: width };
  let index = 0;
  let x = input;
  if (width !== channels) x = convNorm(block.within(index++), x, width, 1, activation);
  x = convNorm(block.within(index++), x, width, kernel, activation, depthwise);
  if (squeezes) {
    const squeezed = multipleOf8(width / 4);
    const squeeze = { squeezed, activation: "ReLU", gate: "Hardsigmoid" } as const;
    x = squeezeExcitation(block.within(index++), x, squeeze);
  }
  x = convNorm(block.within(index), x, filters, 1, undefined);
  return stride === 1 && channels === filters ? modules.add([x, input]) : x;
}

function convNorm(
  modules: TorchModules,
  input: SymbolicTensor,
  filters: number,
  kernel: number,
  activation: Activation | undefined,
  convolution: Convolution = {},
): SymbolicTensor {
  let x = modules.conv2d(0, input, filters, kernel, convolution);
  x = modules.batchNorm2d(1, x, { epsilon: 0.001, momentum: 0.01 });
  return activation === undefined ? x : modules.activation(activation, 2, x);
}

import type { SymbolicTensor } from "../tfjs-layers.ts";
import { adaptiveAveragePooling } from "./custom-layers.ts";
import { CLASSES, imageClassifier } from "./image-classifier.ts";
import type { Convolution, TorchModules } from "./torch-modules.ts";
import { IMAGENET_INPUTS, type ZooModel } from "./zoo-model.ts";

/** Groups of inverted residuals, as the paper's table 2 lists them. */
const GROUPS = [
  { expansion: 1, filters: 16, blocks: 1, stride: 1 },
  { expansion: 6, filters: 24, blocks: 2, stride: 2 },
  { expansion: 6, filters: 32, blocks: 3, stride: 2 },
  { expansion: 6, filters: 64, blocks: 4, stride: 2 },
  { expansion: 6, filters: 96, blocks: 3, stride: 1 },
  { expansion: 6, filters: 160, blocks: 3, stride: 2 },
  { expansion: 6, filters: 320, blocks: 1, stride: 1 },
];

/** MobileNetV2 at width 1 (Sandler et al. 2018). Its global pooling is functional. */
export const mobilenetV2: ZooModel = {
  name: "mobilenet_v2",
  paper: {
    title: "MobileNetV2: Inverted Residuals and Linear Bottlenecks",
    year: 2018,
    url: "https://arxiv.org/abs/1801.04381",
  },
  inputs: IMAGENET_INPUTS,
  build: (tf) =>
    imageClassifier(tf, "mobilenet_v2", (modules, image) => {
      let x = mobilenetFeatures(modules.within("features"), image);
      x = modules.functional("adaptive_avg_pool2d", x, adaptiveAveragePooling(tf, 1));
      const classifier = modules.within("classifier");
      return classifier.linear(1, classifier.dropout(0, modules.flatten(x), 0.2), CLASSES);
    }),
};

function mobilenetFeatures(modules: TorchModules, image: SymbolicTensor): SymbolicTensor {
  let index = 0;
  let channels = 32;
  let x = convNormReLU6(modules.within(index++), image, channels, 3, { stride: 2 });
  for (const { expansion, filters, blocks, stride } of GROUPS) {
    for (let block = 0; block < blocks; block++) {
      const shape = { channels, expansion, filters, stride: block === 0 ? stride : 1 };
      x = invertedResidual(modules.within(index++), x, shape);
      channels = filters;
    }
  }
  return convNormReLU6(modules.within(index), x, 1280, 1);
}

interface InvertedResidual {
  /** Channels of the input. */
  readonly channels: number;
  /** How many times wider the block is inside. */
  readonly expansion: number;
  readonly filters: number;
  readonly stride: number;
}

function invertedResidual(
  modules: TorchModules,
  input: SymbolicTensor,
  { channels, expansion, filters, stride }: InvertedResidual,
): SymbolicTensor {
  const conv = modules.within("conv");
  const width = channels * expansion;
  let index = 0;
  let x = input;
  if (expansion !== 1) x = convNormReLU6(conv.within(index++), x, width, 1);
  x = convNormReLU6(conv.within(index++), x, width, 3, { stride, groups: width });
  x = conv.conv2d(index++, x, filters, 1);
  x = conv.batchNorm2d(index, x);
  return stride === 1 && channels === filters ? modules.add([input, x]) : x;
}

function convNormReLU6(
  modules: TorchModules,
  input: SymbolicTensor,
  filters: number,
  kernel: number,
  convolution: Convolution = {},
): SymbolicTensor {
  let x = modules.conv2d(0, input, filters, kernel, convolution);
  x = modules.batchNorm2d(1, x);
  return modules.activation("ReLU6", 2, x);
}

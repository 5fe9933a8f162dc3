import type { SymbolicTensor } from "../tfjs-layers.ts";
import { CLASSES, imageClassifier } from "./image-classifier.ts";
import { squeezeExcitation } from "./squeeze-excitation.ts";
import type { Convolution, TorchModules } from "./torch-modules.ts";
import { IMAGENET_INPUTS, type ZooModel } from "./zoo-model.ts";

const STEM_FILTERS = 32;

/** Stages of inverted residuals, as the paper's table 1 lists them. */
const STAGES = [
  { expansion: 1, kernel: 3, stride: 1, filters: 16, blocks: 1 },
  { expansion: 6, kernel: 3, stride: 2, filters: 24, blocks: 2 },
  { expansion: 6, kernel: 5, stride: 2, filters: 40, blocks: 2 },
  { expansion: 6, kernel: 3, stride: 2, filters: 80, blocks: 3 },
  { expansion: 6, kernel: 5, stride: 1, filters: 112, blocks: 3 },
  { expansion: 6, kernel: 5, stride: 2, filters: 192, blocks: 4 },
  { expansion: 6, kernel: 3, stride: 1, filters: 320, blocks: 1 },
];

/** EfficientNet-B0 (Tan and Le 2019). */
export const efficientnet: ZooModel = {
  name: "efficientnet_b0",
  paper: {
    title: "EfficientNet: Rethinking Model Scaling for Convolutional Neural Networks",
    year: 2019,
    url: "https://arxiv.org/abs/1905.11946",
  },
  inputs: IMAGENET_INPUTS,
  build: (tf) =>
    imageClassifier(tf, "efficientnet_b0", (modules, image) => {
      const features = efficientnetFeatures(modules.within("features"), image);
      const pooled = modules.flatten(modules.adaptiveAvgPool2d("avgpool", features, 1));
      const classifier = modules.within("classifier");
      return classifier.linear(1, classifier.dropout(0, pooled, 0.2), CLASSES);
    }),
};

function efficientnetFeatures(modules: TorchModules, image: SymbolicTensor): SymbolicTensor {
  let x = convNormSiLU(modules.within(0), image, STEM_FILTERS, 3, { stride: 2 });
  let channels = STEM_FILTERS;
  for (const [i, { blocks, stride, ...shape }] of STAGES.entries()) {
    const stage = modules.within(i + 1);
    for (let block = 0; block < blocks; block++) {
      const options = { ...shape, channels, stride: block === 0 ? stride : 1 };
      x = invertedResidual(stage.within(block), x, options);
      channels = shape.filters;
    }
  }
  return convNormSiLU(modules.within(STAGES.length + 1), x, 4 * channels, 1);
}

interface InvertedResidual {
  /** Channels of the input. */
  readonly channels: number;
  /** How many times wider the block is inside. */
  readonly expansion: number;
  readonly kernel: number;
  readonly stride: number;
  readonly filters: number;
}

function invertedResidual(
  modules: TorchModules,
  input: SymbolicTensor,
  { channels, expansion, kernel, stride, filters }: InvertedResidual,
): SymbolicTensor {
  const block = modules.within("block");
  const width = channels * expansion;
  let index = 0;
  let x = input;
  if (expansion !== 1) x = convNormSiLU(block.within(index++), x, width, 1);
  x = convNormSiLU(block.within(index++), x, width, kernel, { stride, groups: width });
  // A quarter of the block's input, not of its inner width.
  const squeeze = { squeezed: channels / 4, activation: "SiLU", gate: "Sigmoid" } as const;
  x = squeezeExcitation(block.within(index++), x, squeeze);
  const project = block.within(index);
  x = project.batchNorm2d(1, project.conv2d(0, x, filters, 1));
  if (stride !== 1 || channels !== filters) return x;
  return modules.add([modules.stochasticDepth("stochastic_depth", x), input]);
}

function convNormSiLU(
  modules: TorchModules,
  input: SymbolicTensor,
  filters: number,
  kernel: number,
  convolution: Convolution = {},
): SymbolicTensor {
  let x = modules.conv2d(0, input, filters, kernel, convolution);
  x = modules.batchNorm2d(1, x);
  return modules.activation("SiLU", 2, x);
}

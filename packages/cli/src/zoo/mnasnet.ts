import type { SymbolicTensor } from "../tfjs-layers.ts";
import { multipleOf8 } from "./channels.ts";
import { CLASSES, imageClassifier } from "./image-classifier.ts";
import type { Convolution, TorchModules } from "./torch-modules.ts";
import { IMAGENET_INPUTS, type Tfjs, type ZooModel } from "./zoo-model.ts";

const WIDTHS: Readonly<Record<string, number>> = {
  mnasnet0_5: 0.5,
  mnasnet0_75: 0.75,
  mnasnet1_0: 1,
  mnasnet1_3: 1.3,
};

/** The note of widths whose stem, and so whose published figure, differs by version. */
const STEM_NOTE =
  "The stem is as wide as the rest of the model, as in torchvision since its version 0.5; thop's table was made when the stem had one width for all.";

/** Stacks of inverted residuals, as MnasNet-B1 has them. */
const STACKS = [
  { filters: 24, kernel: 3, stride: 2, expansion: 3, blocks: 3 },
  { filters: 40, kernel: 5, stride: 2, expansion: 3, blocks: 3 },
  { filters: 80, kernel: 5, stride: 2, expansion: 6, blocks: 3 },
  { filters: 96, kernel: 3, stride: 1, expansion: 6, blocks: 2 },
  { filters: 192, kernel: 5, stride: 2, expansion: 6, blocks: 4 },
  { filters: 320, kernel: 3, stride: 1, expansion: 6, blocks: 1 },
];

/** MnasNet-B1 (Tan et al. 2018). Its global pooling is a mean in the forward method. */
export const mnasnet: readonly ZooModel[] = Object.entries(WIDTHS).map(([name, width]) => ({
  name,
  paper: {
    title: "MnasNet: Platform-Aware Neural Architecture Search for Mobile",
    year: 2018,
    url: "https://arxiv.org/abs/1807.11626",
  },
  inputs: IMAGENET_INPUTS,
  ...(width === 1 ? {} : { note: STEM_NOTE }),
  build: (tf) => buildMnasnet(tf, name, width),
}));

/** @param stemWidth the width of the layers before the stacks; 1 in torchvision before 0.5. */
export function buildMnasnet(tf: Tfjs, name: string, width: number, stemWidth = width) {
  return imageClassifier(tf, name, (modules, image) => {
    const features = mnasnetLayers(modules.within("layers"), image, width, stemWidth);
    const classifier = modules.within("classifier");
    return classifier.linear(1, classifier.dropout(0, modules.mean(features), 0.2), CLASSES);
  });
}

function mnasnetLayers(
  modules: TorchModules,
  image: SymbolicTensor,
  width: number,
  stemWidth: number,
) {
  const stem = multipleOf8(32 * stemWidth);
  let x = convNormReLU(modules, 0, image, stem, 3, { stride: 2 });
  x = convNormReLU(modules, 3, x, stem, 3, { groups: stem });
  let channels = multipleOf8(16 * stemWidth);
  x = modules.batchNorm2d(7, modules.conv2d(6, x, channels, 1), { momentum: MOMENTUM });
  for (const [i, { filters, blocks, stride, ...shape }] of STACKS.entries()) {
    const stack = modules.within(8 + i);
    for (let block = 0; block < blocks; block++) {
      const next = multipleOf8(filters * width);
      const blockStride = block === 0 ? stride : 1;
      const options = { ...shape, channels, filters: next, stride: blockStride };
      x = invertedResidual(stack.within(block), x, options);
      channels = next;
    }
  }
  return convNormReLU(modules, 14, x, 1280, 1);
}

interface InvertedResidual {
  /** Channels of the input. */
  readonly channels: number;
  readonly filters: number;
  readonly kernel: number;
  readonly stride: number;
  /** How many times wider the block is inside. */
  readonly expansion: number;
}

function invertedResidual(
  block: TorchModules,
  input: SymbolicTensor,
  { channels, filters, kernel, stride, expansion }: InvertedResidual,
): SymbolicTensor {
  const modules = block.within("layers");
  const width = channels * expansion;
  let x = convNormReLU(modules, 0, input, width, 1);
  x = convNormReLU(modules, 3, x, width, kernel, { stride, groups: width });
  x = modules.batchNorm2d(7, modules.conv2d(6, x, filters, 1), { momentum: MOMENTUM });
  return stride === 1 && channels === filters ? block.add([x, input]) : x;
}

/** The momentum of TensorFlow's original, which torchvision uses too. */
const MOMENTUM = 0.0003;

/** Three consecutive modules; the first has the given index. */
function convNormReLU(
  modules: TorchModules,
  index: number,
  input: SymbolicTensor,
  filters: number,
  kernel: number,
  convolution: Convolution = {},
): SymbolicTensor {
  let x = modules.conv2d(index, input, filters, kernel, convolution);
  x = modules.batchNorm2d(index + 1, x, { momentum: MOMENTUM });
  return modules.relu(index + 2, x);
}

import type { SymbolicTensor } from "../tfjs-layers.ts";
import { CLASSES, imageClassifier } from "./image-classifier.ts";
import type { Convolution, TorchModules } from "./torch-modules.ts";
import { IMAGENET_INPUTS, type ZooModel } from "./zoo-model.ts";

const STEM_FILTERS = 32;

/** Filters and strides of the separable convolutions, as the paper's table 1 lists them. */
const SEPARABLE = [
  { filters: 64, stride: 1 },
  { filters: 128, stride: 2 },
  { filters: 128, stride: 1 },
  { filters: 256, stride: 2 },
  { filters: 256, stride: 1 },
  { filters: 512, stride: 2 },
  ...Array.from({ length: 5 }, () => ({ filters: 512, stride: 1 })),
  { filters: 1024, stride: 2 },
  { filters: 1024, stride: 1 },
];

/** MobileNet at width 1 (Howard et al. 2017). */
export const mobilenetV1: ZooModel = {
  name: "mobilenet_v1",
  paper: {
    title: "MobileNets: Efficient Convolutional Neural Networks for Mobile Vision Applications",
    year: 2017,
    url: "https://arxiv.org/abs/1704.04861",
  },
  inputs: IMAGENET_INPUTS,
  note: "torchvision has none. The last separable convolution has stride 1: the paper's table gives it 2, and the input size of 7x7 that only 1 keeps.",
  build: (tf) =>
    imageClassifier(tf, "mobilenet_v1", (modules, image) => {
      let x = convNormReLU(modules.within("conv"), image, STEM_FILTERS, 3, { stride: 2 });
      let channels = STEM_FILTERS;
      for (const [i, { filters, stride }] of SEPARABLE.entries()) {
        const block = modules.within(`separable${i + 1}`);
        const depthwise = { stride, groups: channels };
        x = convNormReLU(block.within("depthwise"), x, channels, 3, depthwise);
        x = convNormReLU(block.within("pointwise"), x, filters, 1);
        channels = filters;
      }
      x = modules.adaptiveAvgPool2d("avgpool", x, 1);
      return modules.linear("fc", modules.flatten(x), CLASSES);
    }),
};

function convNormReLU(
  modules: TorchModules,
  input: SymbolicTensor,
  filters: number,
  kernel: number,
  convolution: Convolution = {},
): SymbolicTensor {
  let x = modules.conv2d("conv", input, filters, kernel, convolution);
  x = modules.batchNorm2d("norm", x);
  return modules.relu("relu", x);
}

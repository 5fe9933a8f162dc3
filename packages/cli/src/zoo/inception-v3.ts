import type { SymbolicTensor } from "../tfjs-layers.ts";
import { ofRank4 } from "./custom-layers.ts";
import { CLASSES, imageClassifier } from "./image-classifier.ts";
import type { Convolution, TorchModules } from "./torch-modules.ts";
import type { ZooModel } from "./zoo-model.ts";

/** A convolution of an Inception block: the module's name, filters, kernel, and other options. */
type Step = readonly [
  name: string,
  filters: number,
  kernel: number | readonly [height: number, width: number],
  convolution?: Convolution,
];

const REDUCE: Convolution = { stride: 2, padding: 0 };

/** Inception v3 (Szegedy et al. 2015). Its ReLUs, and the pooling in its blocks, are functional. */
export const inceptionV3: ZooModel = {
  name: "inception_v3",
  paper: {
    title: "Rethinking the Inception Architecture for Computer Vision",
    year: 2015,
    url: "https://arxiv.org/abs/1512.00567",
  },
  inputs: [{ name: "image", shape: [1, 299, 299, 3], dtype: "float32" }],
  note: "Without the auxiliary classifier for training, 3,326,696 parameters that inference does not run.",
  build: (tf) =>
    imageClassifier(tf, "inception_v3", (modules, image) => {
      let x = stem(modules, image);
      x = blockA(modules.within("Mixed_5b"), x, 32);
      x = blockA(modules.within("Mixed_5c"), x, 64);
      x = blockA(modules.within("Mixed_5d"), x, 64);
      x = blockB(modules.within("Mixed_6a"), x);
      x = blockC(modules.within("Mixed_6b"), x, 128);
      x = blockC(modules.within("Mixed_6c"), x, 160);
      x = blockC(modules.within("Mixed_6d"), x, 160);
      x = blockC(modules.within("Mixed_6e"), x, 192);
      x = blockD(modules.within("Mixed_7a"), x);
      x = blockE(modules.within("Mixed_7b"), x);
      x = blockE(modules.within("Mixed_7c"), x);
      x = modules.adaptiveAvgPool2d("avgpool", x, 1);
      x = modules.dropout("dropout", x);
      return modules.linear("fc", modules.flatten(x), CLASSES);
    }),
};

function stem(modules: TorchModules, image: SymbolicTensor): SymbolicTensor {
  let x = convolve(modules, image, [
    ["Conv2d_1a_3x3", 32, 3, REDUCE],
    ["Conv2d_2a_3x3", 32, 3, { padding: 0 }],
    ["Conv2d_2b_3x3", 64, 3],
  ]);
  x = modules.maxPool2d("maxpool1", x, 3, { stride: 2 });
  x = convolve(modules, x, [
    ["Conv2d_3b_1x1", 80, 1],
    ["Conv2d_4a_3x3", 192, 3, { padding: 0 }],
  ]);
  return modules.maxPool2d("maxpool2", x, 3, { stride: 2 });
}

function blockA(modules: TorchModules, x: SymbolicTensor, poolFilters: number): SymbolicTensor {
  return modules.concat([
    convolve(modules, x, [["branch1x1", 64, 1]]),
    convolve(modules, x, [
      ["branch5x5_1", 48, 1],
      ["branch5x5_2", 64, 5],
    ]),
    convolve(modules, x, [
      ["branch3x3dbl_1", 64, 1],
      ["branch3x3dbl_2", 96, 3],
      ["branch3x3dbl_3", 96, 3],
    ]),
    convolve(modules, averagePool(modules, x), [["branch_pool", poolFilters, 1]]),
  ]);
}

function blockB(modules: TorchModules, x: SymbolicTensor): SymbolicTensor {
  return modules.concat([
    convolve(modules, x, [["branch3x3", 384, 3, REDUCE]]),
    convolve(modules, x, [
      ["branch3x3dbl_1", 64, 1],
      ["branch3x3dbl_2", 96, 3],
      ["branch3x3dbl_3", 96, 3, REDUCE],
    ]),
    maxPool(modules, x),
  ]);
}

function blockC(modules: TorchModules, x: SymbolicTensor, filters: number): SymbolicTensor {
  return modules.concat([
    convolve(modules, x, [["branch1x1", 192, 1]]),
    convolve(modules, x, [
      ["branch7x7_1", filters, 1],
      ["branch7x7_2", filters, [1, 7]],
      ["branch7x7_3", 192, [7, 1]],
    ]),
    convolve(modules, x, [
      ["branch7x7dbl_1", filters, 1],
      ["branch7x7dbl_2", filters, [7, 1]],
      ["branch7x7dbl_3", filters, [1, 7]],
      ["branch7x7dbl_4", filters, [7, 1]],
      ["branch7x7dbl_5", 192, [1, 7]],
    ]),
    convolve(modules, averagePool(modules, x), [["branch_pool", 192, 1]]),
  ]);
}

function blockD(modules: TorchModules, x: SymbolicTensor): SymbolicTensor {
  return modules.concat([
    convolve(modules, x, [
      ["branch3x3_1", 192, 1],
      ["branch3x3_2", 320, 3, REDUCE],
    ]),
    convolve(modules, x, [
      ["branch7x7x3_1", 192, 1],
      ["branch7x7x3_2", 192, [1, 7]],
      ["branch7x7x3_3", 192, [7, 1]],
      ["branch7x7x3_4", 192, 3, REDUCE],
    ]),
    maxPool(modules, x),
  ]);
}

function blockE(modules: TorchModules, x: SymbolicTensor): SymbolicTensor {
  const single = convolve(modules, x, [["branch3x3_1", 384, 1]]);
  const double = convolve(modules, x, [
    ["branch3x3dbl_1", 448, 1],
    ["branch3x3dbl_2", 384, 3],
  ]);
  return modules.concat([
    convolve(modules, x, [["branch1x1", 320, 1]]),
    convolve(modules, single, [["branch3x3_2a", 384, [1, 3]]]),
    convolve(modules, single, [["branch3x3_2b", 384, [3, 1]]]),
    convolve(modules, double, [["branch3x3dbl_3a", 384, [1, 3]]]),
    convolve(modules, double, [["branch3x3dbl_3b", 384, [3, 1]]]),
    convolve(modules, averagePool(modules, x), [["branch_pool", 192, 1]]),
  ]);
}

/** A chain of convolutions, each with batch normalization and ReLU. */
function convolve(
  modules: TorchModules,
  input: SymbolicTensor,
  steps: readonly Step[],
): SymbolicTensor {
  const { tf } = modules;
  let x = input;
  for (const [name, filters, kernel, convolution] of steps) {
    const step = modules.within(name);
    x = step.conv2d("conv", x, filters, kernel, convolution);
    x = step.batchNorm2d("bn", x, { epsilon: 0.001 });
    x = step.functional("relu", x, { compute: (features) => tf.relu(features) });
  }
  return x;
}

/** Average pooling over 3x3 windows around each pixel. Padding counts as 0, as in PyTorch. */
function averagePool(modules: TorchModules, x: SymbolicTensor): SymbolicTensor {
  const { tf } = modules;
  return modules.functional("avg_pool2d", x, {
    compute(image) {
      const padded = tf.pad(ofRank4(image), [
        [0, 0],
        [1, 1],
        [1, 1],
        [0, 0],
      ]);
      return tf.avgPool(padded, 3, 1, "valid");
    },
  });
}

/** Max pooling over 3x3 windows with stride 2. */
function maxPool(modules: TorchModules, x: SymbolicTensor): SymbolicTensor {
  const { tf } = modules;
  const outputSize = (size: number | null) => (size === null ? null : Math.floor((size - 1) / 2));
  return modules.functional("max_pool2d", x, {
    outputShape: ([batch = null, height = null, width = null, channels = null]) => [
      batch,
      outputSize(height),
      outputSize(width),
      channels,
    ],
    compute: (image) => tf.maxPool(ofRank4(image), 3, 2, "valid"),
  });
}

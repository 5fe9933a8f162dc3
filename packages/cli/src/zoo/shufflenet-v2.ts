import { elementAt } from "@opcounter/ir";
import type { SymbolicTensor } from "../tfjs-layers.ts";
import { channelsOf, type Operation, ofRank4 } from "./custom-layers.ts";
import { CLASSES, imageClassifier } from "./image-classifier.ts";
import type { TorchModules } from "./torch-modules.ts";
import { IMAGENET_INPUTS, type Tfjs, type ZooModel } from "./zoo-model.ts";

/** Channels of the three stages and of the last convolution. */
const WIDTHS: Readonly<Record<string, readonly [number, number, number, number]>> = {
  shufflenet_v2_x0_5: [48, 96, 192, 1024],
  shufflenet_v2_x1_0: [116, 232, 464, 1024],
  shufflenet_v2_x1_5: [176, 352, 704, 1024],
  shufflenet_v2_x2_0: [244, 488, 976, 2048],
};

const STEM_FILTERS = 24;
const STAGE_BLOCKS = [4, 8, 4];

/** ShuffleNetV2 (Ma et al. 2018). Its only grouped convolutions are depthwise. */
export const shufflenetV2: readonly ZooModel[] = Object.entries(WIDTHS).map(
  ([name, [...channels]]) => ({
    name,
    paper: {
      title: "ShuffleNet V2: Practical Guidelines for Efficient CNN Architecture Design",
      year: 2018,
      url: "https://arxiv.org/abs/1807.11164",
    },
    inputs: IMAGENET_INPUTS,
    build: (tf) =>
      imageClassifier(tf, name, (modules, image) => {
        let x = convNormReLU(modules.within("conv1"), image, STEM_FILTERS, 3, 2);
        x = modules.maxPool2d("maxpool", x, 3, { stride: 2, padding: 1 });
        for (const [i, blocks] of STAGE_BLOCKS.entries()) {
          const stage = modules.within(`stage${i + 2}`);
          for (let block = 0; block < blocks; block++) {
            const unit = block === 0 ? downsamplingUnit : basicUnit;
            x = unit(stage.within(block), x, elementAt(channels, i));
          }
        }
        x = convNormReLU(modules.within("conv5"), x, channels[3], 1, 1);
        return modules.linear("fc", modules.mean(x), CLASSES);
      }),
  }),
);

/** Half of the channels go through a branch; the other half stay as they are. */
function basicUnit(modules: TorchModules, input: SymbolicTensor, channels: number): SymbolicTensor {
  const width = channels / 2;
  const chunk = modules.within("chunk");
  const passed = chunk.functional(0, input, channelSlice(modules.tf, 0, width));
  const transformed = chunk.functional(1, input, channelSlice(modules.tf, width, width));
  const branch = convolvedBranch(modules.within("branch2"), transformed, width, 1);
  return shuffled(modules, [passed, branch]);
}

/** Both branches take all channels and halve height and width. */
function downsamplingUnit(
  modules: TorchModules,
  input: SymbolicTensor,
  channels: number,
): SymbolicTensor {
  const width = channels / 2;
  const branch1 = modules.within("branch1");
  let x = branch1.conv2d(0, input, channelsOf(input.shape), 3, {
    stride: 2,
    groups: channelsOf(input.shape),
  });
  x = branch1.batchNorm2d(1, x);
  x = branch1.conv2d(2, x, width, 1);
  x = branch1.batchNorm2d(3, x);
  x = branch1.relu(4, x);
  return shuffled(modules, [x, convolvedBranch(modules.within("branch2"), input, width, 2)]);
}

function convolvedBranch(
  modules: TorchModules,
  input: SymbolicTensor,
  width: number,
  stride: number,
): SymbolicTensor {
  let x = modules.conv2d(0, input, width, 1);
  x = modules.batchNorm2d(1, x);
  x = modules.relu(2, x);
  x = modules.conv2d(3, x, width, 3, { stride, groups: width });
  x = modules.batchNorm2d(4, x);
  x = modules.conv2d(5, x, width, 1);
  x = modules.batchNorm2d(6, x);
  return modules.relu(7, x);
}

function convNormReLU(
  modules: TorchModules,
  input: SymbolicTensor,
  filters: number,
  kernel: number,
  stride: number,
): SymbolicTensor {
  let x = modules.conv2d(0, input, filters, kernel, { stride });
  x = modules.batchNorm2d(1, x);
  return modules.relu(2, x);
}

function shuffled(modules: TorchModules, branches: SymbolicTensor[]): SymbolicTensor {
  return modules.functional("channel_shuffle", modules.concat(branches), shuffle(modules.tf));
}

/** Interleaves the channels of both branches, so that the next unit takes some of each. */
function shuffle(tf: Tfjs): Operation {
  return {
    compute(x) {
      const [batch, height, width, channels] = ofRank4(x).shape;
      const split = tf.reshape(x, [batch * height * width, 2, channels / 2]);
      return tf.reshape(tf.transpose(split, [0, 2, 1]), [batch, height, width, channels]);
    },
  };
}

function channelSlice(tf: Tfjs, start: number, size: number): Operation {
  return {
    outputShape: ([batch = null, height = null, width = null]) => [batch, height, width, size],
    compute: (x) => tf.slice(x, [0, 0, 0, start], [-1, -1, -1, size]),
  };
}

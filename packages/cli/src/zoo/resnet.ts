import type { ZooModel } from "./model.ts";
import { type Symbolic, TorchLayers } from "./torch-layers.ts";

/** A bottleneck's output has four times the channels of its 3×3 convolution. */
const EXPANSION = 4;

interface BlockOptions {
  readonly filters: number;
  readonly stride: number;
  /** Whether the shortcut is projected to the block's size, as in the first block of a stage. */
  readonly project: boolean;
}

function bottleneck(torch: TorchLayers, input: Symbolic, name: string, options: BlockOptions) {
  const { filters, stride, project } = options;
  const convolve = (x: Symbolic, at: number, filters: number, kernel: number, stride = 1) => {
    const convolved = torch.convolution(x, `${name}/conv${at}`, { filters, kernel, stride });
    return torch.batchNorm(convolved, `${name}/bn${at}`);
  };
  let x = torch.relu(convolve(input, 1, filters, 1), `${name}/relu1`);
  x = torch.relu(convolve(x, 2, filters, 3, stride), `${name}/relu2`);
  x = convolve(x, 3, filters * EXPANSION, 1);
  let shortcut = input;
  if (project) {
    const projection = { filters: filters * EXPANSION, kernel: 1, stride };
    shortcut = torch.convolution(input, `${name}/downsample/0`, projection);
    shortcut = torch.batchNorm(shortcut, `${name}/downsample/1`);
  }
  return torch.relu(torch.add(x, shortcut, `${name}/add`), `${name}/relu3`);
}

/** ResNet with bottlenecks (He et al., 2015), the stride on the 3×3 convolution as in torchvision. */
function resnet(name: string, blocks: readonly number[]): ZooModel {
  return {
    paper: { title: "Deep Residual Learning for Image Recognition", year: 2015 },
    input: [1, 224, 224, 3],
    build(tf) {
      const torch = new TorchLayers(tf);
      const image = torch.image(224);
      let x = torch.convolution(image, "conv1", { filters: 64, kernel: 7, stride: 2 });
      x = torch.relu(torch.batchNorm(x, "bn1"), "relu");
      x = torch.maxPool(x, "maxpool", 3, 2, 1);
      for (const [stage, count] of blocks.entries()) {
        for (let block = 0; block < count; block++) {
          x = bottleneck(torch, x, `layer${stage + 1}/${block}`, {
            filters: 64 * 2 ** stage,
            stride: stage > 0 && block === 0 ? 2 : 1,
            project: block === 0,
          });
        }
      }
      x = torch.globalAveragePool(x, "avgpool");
      return torch.model(name, image, torch.linear(x, "fc", 1000));
    },
  };
}

export const resnet50 = resnet("resnet50", [3, 4, 6, 3]);

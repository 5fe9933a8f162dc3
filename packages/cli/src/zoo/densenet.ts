import type { ZooModel } from "./model.ts";
import { type Symbolic, TorchLayers } from "./torch-layers.ts";

interface DenseNetOptions {
  /** Layers of each dense block. */
  readonly blocks: readonly number[];
  /** Channels that each dense layer adds. */
  readonly growth: number;
  readonly initialFilters: number;
}

/** Channels of the 1×1 convolution in a dense layer, in units of the growth. */
const BOTTLENECK = 4;

function denseLayer(torch: TorchLayers, input: Symbolic, name: string, growth: number): Symbolic {
  let x = torch.relu(torch.batchNorm(input, `${name}/norm1`), `${name}/relu1`);
  x = torch.convolution(x, `${name}/conv1`, { filters: BOTTLENECK * growth, kernel: 1 });
  x = torch.relu(torch.batchNorm(x, `${name}/norm2`), `${name}/relu2`);
  x = torch.convolution(x, `${name}/conv2`, { filters: growth, kernel: 3 });
  return torch.concatenate([input, x], `${name}/concat`);
}

function transition(torch: TorchLayers, input: Symbolic, name: string): Symbolic {
  const channels = input.shape.at(-1) ?? 1;
  let x = torch.relu(torch.batchNorm(input, `${name}/norm`), `${name}/relu`);
  x = torch.convolution(x, `${name}/conv`, { filters: channels / 2, kernel: 1 });
  return torch.averagePool(x, `${name}/pool`, 2);
}

/** DenseNet (Huang et al., 2016). The last ReLU and the pooling are functional in torchvision. */
function densenet(name: string, { blocks, growth, initialFilters }: DenseNetOptions): ZooModel {
  return {
    paper: { title: "Densely Connected Convolutional Networks", year: 2016 },
    input: [1, 224, 224, 3],
    build(tf) {
      const torch = new TorchLayers(tf);
      const image = torch.image(224);
      const stem = { filters: initialFilters, kernel: 7, stride: 2 };
      let x = torch.convolution(image, "features/conv0", stem);
      x = torch.relu(torch.batchNorm(x, "features/norm0"), "features/relu0");
      x = torch.maxPool(x, "features/pool0", 3, 2, 1);
      for (const [i, layers] of blocks.entries()) {
        for (let layer = 1; layer <= layers; layer++) {
          x = denseLayer(torch, x, `features/denseblock${i + 1}/denselayer${layer}`, growth);
        }
        if (i < blocks.length - 1) x = transition(torch, x, `features/transition${i + 1}`);
      }
      x = torch.batchNorm(x, "features/norm5");
      x = torch.functionalRelu(x, "relu");
      x = torch.functionalGlobalPool(x, "adaptive_avg_pool2d");
      return torch.model(name, image, torch.linear(x, "classifier", 1000));
    },
  };
}

export const densenet121 = densenet("densenet121", {
  blocks: [6, 12, 24, 16],
  growth: 32,
  initialFilters: 64,
});

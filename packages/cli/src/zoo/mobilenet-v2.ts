import type { ZooModel } from "./model.ts";
import { type Symbolic, TorchLayers } from "./torch-layers.ts";

/** Table 2 of the paper: expansion t, channels c, repeats n, stride s of the first. */
const SETTINGS = [
  { t: 1, c: 16, n: 1, s: 1 },
  { t: 6, c: 24, n: 2, s: 2 },
  { t: 6, c: 32, n: 3, s: 2 },
  { t: 6, c: 64, n: 4, s: 2 },
  { t: 6, c: 96, n: 3, s: 1 },
  { t: 6, c: 160, n: 3, s: 2 },
  { t: 6, c: 320, n: 1, s: 1 },
] as const;

/** Convolution, batch norm and ReLU6, which torchvision numbers 0, 1, 2. */
function convolutionBlock(
  torch: TorchLayers,
  x: Symbolic,
  name: string,
  options: { filters: number; kernel: number; stride?: number },
): Symbolic {
  const convolved = torch.convolution(x, `${name}/0`, options);
  return torch.relu(torch.batchNorm(convolved, `${name}/1`), `${name}/2`, 6);
}

function invertedResidual(
  torch: TorchLayers,
  input: Symbolic,
  name: string,
  { expansion, filters, stride }: { expansion: number; filters: number; stride: number },
): Symbolic {
  const channels = input.shape.at(-1) ?? 1;
  let x = input;
  let at = 0;
  if (expansion !== 1) {
    const expanded = { filters: channels * expansion, kernel: 1 };
    x = convolutionBlock(torch, x, `${name}/conv/${at++}`, expanded);
  }
  const depthwise = `${name}/conv/${at++}`;
  x = torch.depthwise(x, `${depthwise}/0`, 3, stride);
  x = torch.relu(torch.batchNorm(x, `${depthwise}/1`), `${depthwise}/2`, 6);
  x = torch.convolution(x, `${name}/conv/${at++}`, { filters, kernel: 1 });
  x = torch.batchNorm(x, `${name}/conv/${at}`);
  const isResidual = stride === 1 && channels === filters;
  return isResidual ? torch.add(input, x, `${name}/add`) : x;
}

/** MobileNetV2 (Sandler et al., 2018). The pooling is functional in torchvision. */
export const mobilenetV2: ZooModel = {
  paper: { title: "MobileNetV2: Inverted Residuals and Linear Bottlenecks", year: 2018 },
  input: [1, 224, 224, 3],
  build(tf) {
    const torch = new TorchLayers(tf);
    const image = torch.image(224);
    const stem = { filters: 32, kernel: 3, stride: 2 };
    let x = convolutionBlock(torch, image, "features/0", stem);
    let at = 1;
    for (const { t, c, n, s } of SETTINGS) {
      for (let i = 0; i < n; i++) {
        const options = { expansion: t, filters: c, stride: i === 0 ? s : 1 };
        x = invertedResidual(torch, x, `features/${at++}`, options);
      }
    }
    x = convolutionBlock(torch, x, `features/${at}`, { filters: 1280, kernel: 1 });
    x = torch.functionalGlobalPool(x, "adaptive_avg_pool2d");
    x = torch.dropout(x, "classifier/0");
    return torch.model("mobilenet_v2", image, torch.linear(x, "classifier/1", 1000));
  },
};

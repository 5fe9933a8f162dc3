import type { ZooModel } from "./model.ts";
import { TorchLayers } from "./torch-layers.ts";

/** AlexNet in the one-tower form of "One weird trick" (Krizhevsky, 2014). */
export const alexnet: ZooModel = {
  paper: { title: "One weird trick for parallelizing convolutional neural networks", year: 2014 },
  input: [1, 224, 224, 3],
  build(tf) {
    const torch = new TorchLayers(tf);
    const image = torch.image(224);
    const options = (filters: number, kernel: number) => ({ filters, kernel, bias: true });
    let x = torch.convolution(image, "features/0", { ...options(64, 11), stride: 4 }, 2);
    x = torch.relu(x, "features/1");
    x = torch.maxPool(x, "features/2", 3, 2);
    x = torch.convolution(x, "features/3", options(192, 5));
    x = torch.relu(x, "features/4");
    x = torch.maxPool(x, "features/5", 3, 2);
    for (const [at, filters] of [
      [6, 384],
      [8, 256],
      [10, 256],
    ] as const) {
      x = torch.convolution(x, `features/${at}`, options(filters, 3));
      x = torch.relu(x, `features/${at + 1}`);
    }
    x = torch.maxPool(x, "features/12", 3, 2);
    x = torch.flatten(torch.adaptiveAveragePool(x, "avgpool", 6));
    x = torch.dropout(x, "classifier/0");
    x = torch.relu(torch.linear(x, "classifier/1", 4096), "classifier/2");
    x = torch.dropout(x, "classifier/3");
    x = torch.relu(torch.linear(x, "classifier/4", 4096), "classifier/5");
    return torch.model("alexnet", image, torch.linear(x, "classifier/6", 1000));
  },
};

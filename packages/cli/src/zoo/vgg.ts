import type { ZooModel } from "./model.ts";
import { TorchLayers } from "./torch-layers.ts";

/** Filters of each convolution, stage by stage; a max-pool ends each stage. */
const STAGES = {
  vgg16: [
    [64, 64],
    [128, 128],
    [256, 256, 256],
    [512, 512, 512],
    [512, 512, 512],
  ],
} as const;

/** VGG (Simonyan and Zisserman, 2014). */
function vgg(name: keyof typeof STAGES): ZooModel {
  return {
    paper: {
      title: "Very Deep Convolutional Networks for Large-Scale Image Recognition",
      year: 2014,
    },
    input: [1, 224, 224, 3],
    build(tf) {
      const torch = new TorchLayers(tf);
      const image = torch.image(224);
      let x = image;
      let at = 0;
      for (const stage of STAGES[name]) {
        for (const filters of stage) {
          x = torch.convolution(x, `features/${at++}`, { filters, kernel: 3, bias: true });
          x = torch.relu(x, `features/${at++}`);
        }
        x = torch.maxPool(x, `features/${at++}`, 2, 2);
      }
      x = torch.flatten(torch.adaptiveAveragePool(x, "avgpool", 7));
      x = torch.relu(torch.linear(x, "classifier/0", 4096), "classifier/1");
      x = torch.dropout(x, "classifier/2");
      x = torch.relu(torch.linear(x, "classifier/3", 4096), "classifier/4");
      x = torch.dropout(x, "classifier/5");
      return torch.model(name, image, torch.linear(x, "classifier/6", 1000));
    },
  };
}

export const vgg16 = vgg("vgg16");

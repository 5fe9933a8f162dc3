import { alexnet } from "./alexnet.ts";
import { densenet } from "./densenet.ts";
import { mobilenetV2 } from "./mobilenet-v2.ts";
import { resnet } from "./resnet.ts";
import { vgg } from "./vgg.ts";
import type { ZooModel } from "./zoo-model.ts";

const MODELS: readonly ZooModel[] = [alexnet, ...vgg, ...resnet, ...densenet, mobilenetV2];

/** Every model of the zoo, by the name that the command line takes: torchvision's. */
export const ZOO: Readonly<Record<string, ZooModel>> = Object.fromEntries(
  MODELS.map((model) => [model.name, model]),
);

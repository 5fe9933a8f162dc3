import { alexnet } from "./alexnet.ts";
import { densenet121 } from "./densenet.ts";
import { mobilenetV2 } from "./mobilenet-v2.ts";
import type { ZooModel } from "./model.ts";
import { resnet50 } from "./resnet.ts";
import { vgg16 } from "./vgg.ts";

/** Every model of the zoo, by the name that the command line takes: torchvision's. */
export const ZOO: ReadonlyMap<string, ZooModel> = new Map([
  ["alexnet", alexnet],
  ["vgg16", vgg16],
  ["resnet50", resnet50],
  ["densenet121", densenet121],
  ["mobilenet_v2", mobilenetV2],
]);

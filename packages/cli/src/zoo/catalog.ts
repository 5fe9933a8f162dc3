import { alexnet } from "./alexnet.ts";
import { bert } from "./bert.ts";
import { densenet } from "./densenet.ts";
import { efficientnet } from "./efficientnet.ts";
import { gpt2 } from "./gpt2.ts";
import { inceptionV3 } from "./inception-v3.ts";
import { mnasnet } from "./mnasnet.ts";
import { mobilenetV1 } from "./mobilenet-v1.ts";
import { mobilenetV2 } from "./mobilenet-v2.ts";
import { mobilenetV3 } from "./mobilenet-v3.ts";
import { recurrent } from "./recurrent.ts";
import { resnet } from "./resnet.ts";
import { shufflenetV2 } from "./shufflenet-v2.ts";
import { squeezenet } from "./squeezenet.ts";
import { vgg } from "./vgg.ts";
import { vit } from "./vit.ts";
import type { ZooModel } from "./zoo-model.ts";

const MODELS: readonly ZooModel[] = [
  alexnet,
  ...vgg,
  ...resnet,
  ...densenet,
  ...squeezenet,
  ...mnasnet,
  mobilenetV1,
  mobilenetV2,
  mobilenetV3,
  ...shufflenetV2,
  inceptionV3,
  efficientnet,
  vit,
  bert,
  ...gpt2,
  ...recurrent,
];

/** Every model of the zoo, by the name that the command line takes. */
export const ZOO: Readonly<Record<string, ZooModel>> = Object.fromEntries(
  MODELS.map((model) => [model.name, model]),
);

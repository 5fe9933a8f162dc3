import { elementAt } from "@opcounter/ir";
import type { SymbolicTensor } from "../tfjs-layers.ts";
import { selfAttention } from "./attention.ts";
import { linear } from "./custom-layers.ts";
import { CLASSES, imageClassifier } from "./image-classifier.ts";
import { firstToken, positionEmbedding } from "./tokens.ts";
import type { TorchModules } from "./torch-modules.ts";
import { IMAGENET_INPUTS, type ZooModel } from "./zoo-model.ts";

const IMAGE_SIZE = 224;
const PATCH_SIZE = 16;
const PATCHES = (IMAGE_SIZE / PATCH_SIZE) ** 2;
const LAYERS = 12;
const HEADS = 12;
const WIDTH = 768;
const INNER_WIDTH = 4 * WIDTH;
const EPSILON = 1e-6;

/** The vision transformer ViT-B/16 (Dosovitskiy et al. 2020). */
export const vit: ZooModel = {
  name: "vit_b_16",
  paper: {
    title: "An Image is Worth 16x16 Words: Transformers for Image Recognition at Scale",
    year: 2020,
    url: "https://arxiv.org/abs/2010.11929",
  },
  inputs: IMAGENET_INPUTS,
  note: "In PyTorch, attention and the projections before and after it are function calls of one module, of which thop sees nothing before its version 2.1.",
  build: (tf) => imageClassifier(tf, "vit_b_16", forward, IMAGE_SIZE),
};

function forward(modules: TorchModules, image: SymbolicTensor): SymbolicTensor {
  const { tf } = modules;
  const encoder = modules.within("encoder");
  const positions = positionEmbedding(tf, PATCHES + 1, WIDTH);
  let x = encoder.functional("pos_embedding", patches(modules, image), positions);
  x = encoder.dropout("dropout", x, 0);
  for (let i = 0; i < LAYERS; i++) {
    x = encoderLayer(encoder.within("layers").within(`encoder_layer_${i}`), x);
  }
  x = encoder.layerNorm("ln", x, EPSILON);
  x = modules.functional("class_output", x, firstToken(tf));
  return modules.within("heads").linear("head", x, CLASSES);
}

/** One token per patch, after the class token. */
function patches(modules: TorchModules, image: SymbolicTensor): SymbolicTensor {
  const { tf } = modules;
  const convolution = { stride: PATCH_SIZE, padding: 0, bias: true };
  const x = modules.conv2d("conv_proj", image, WIDTH, PATCH_SIZE, convolution);
  return modules.functional("class_token", x, {
    weights: { class_token: [1, 1, WIDTH] },
    outputShape: ([batch = null]) => [batch, PATCHES + 1, WIDTH],
    compute(features, classToken) {
      const batch = elementAt(features.shape, 0);
      const tokens = tf.reshape(features, [batch, PATCHES, WIDTH]);
      return tf.concat([tf.tile(classToken, [batch, 1, 1]), tokens], 1);
    },
  });
}

function encoderLayer(modules: TorchModules, input: SymbolicTensor): SymbolicTensor {
  let x = modules.layerNorm("ln_1", input, EPSILON);
  x = multiheadAttention(modules.within("self_attention"), x);
  x = modules.dropout("dropout", x, 0);
  const attended = modules.add([x, input], "add_1");
  const mlp = modules.within("mlp");
  x = modules.layerNorm("ln_2", attended, EPSILON);
  x = mlp.linear(0, x, INNER_WIDTH);
  x = mlp.activation("GELU", 1, x);
  x = mlp.dropout(2, x, 0);
  x = mlp.linear(3, x, WIDTH);
  x = mlp.dropout(4, x, 0);
  return modules.add([attended, x], "add_2");
}

/** `nn.MultiheadAttention`. It uses its weights in function calls. */
function multiheadAttention(modules: TorchModules, input: SymbolicTensor): SymbolicTensor {
  const { tf } = modules;
  let x = modules.multiheadAttention("in_proj", input, linear(tf, WIDTH, 3 * WIDTH));
  x = modules.multiheadAttention("attention", x, selfAttention(tf, HEADS));
  return modules.multiheadAttention("out_proj", x, linear(tf, WIDTH, WIDTH));
}

import * as tf from "@tensorflow/tfjs";
import { ACTIVATIONS } from "../../packages/cli/src/zoo/activations.ts";
import {
  adaptiveAveragePooling,
  operationLayer,
} from "../../packages/cli/src/zoo/custom-layers.ts";

/** A layer of the reference in TensorFlow.js. */
export interface PeerLayer {
  /** Shapes of its inputs as the tools had them; those of `ptflops` have a batch of 1. */
  readonly inputs: readonly (readonly number[])[];
  readonly target: () => tf.LayersModel | ((...inputs: tf.Tensor[]) => tf.Tensor);
}

type Layer = tf.layers.Layer;

/** One layer, or several, as a model. */
const model =
  (...layers: readonly (() => Layer)[]) =>
  (inputShape: readonly number[]) =>
  () =>
    tf.sequential({
      layers: [
        tf.layers.inputLayer({ inputShape: inputShape.slice(1) }),
        ...layers.map((layer) => layer()),
      ],
    });

function layer(inputShape: readonly number[], ...layers: readonly (() => Layer)[]): PeerLayer {
  return { inputs: [inputShape], target: model(...layers)(inputShape) };
}

/** An activation that TensorFlow.js has no layer of, by the class that PyTorch has. */
const activation = (className: keyof typeof ACTIVATIONS) => () =>
  operationLayer(tf, className, className, {
    compute: (x) => ACTIVATIONS[className](tf, x),
  });

const named = (name: "softplus" | "mish") => () => tf.layers.activation({ activation: name });

/** Zeros: the default initializer decomposes matrices, which takes seconds. */
const cell = {
  units: 32,
  kernelInitializer: "zeros",
  recurrentInitializer: "zeros",
  returnSequences: true,
} as const;

/** A cell on its own: an input, and a state of 32 or two. */
function cellAlone(make: () => Layer, states: number): PeerLayer {
  return {
    inputs: [[2, 16], ...Array.from({ length: states }, () => [2, 32])],
    target: () => {
      const layer = make();
      layer.build([2, 16]);
      layer.built = true;
      return (...inputs) => {
        const [output] = [layer.apply(inputs)].flat();
        if (!(output instanceof tf.Tensor)) throw new Error("a cell gives tensors");
        return output;
      };
    },
  };
}

const VECTORS = [2, 10];
const IMAGE = [1, 8, 8, 3];

const CONVOLUTIONS: Readonly<Record<string, PeerLayer>> = {
  "linear 8->16 bias, 4 rows": layer([4, 8], () => tf.layers.dense({ units: 16 })),
  "linear 8->16 no bias, 4 rows": layer([4, 8], () =>
    tf.layers.dense({ units: 16, useBias: false }),
  ),
  "conv2d 3->8 3x3 p1 bias 16x16": layer([1, 16, 16, 3], () =>
    tf.layers.conv2d({ filters: 8, kernelSize: 3, padding: "same" }),
  ),
  "conv2d 8->8 3x3 p1 groups 8 bias, batch 2": layer([2, 16, 16, 8], () =>
    tf.layers.depthwiseConv2d({ kernelSize: 3, padding: "same" }),
  ),
  "conv1d 4->6 k5 bias": layer([1, 20, 4], () => tf.layers.conv1d({ filters: 6, kernelSize: 5 })),
  "conv3d 2->3 k3 bias": layer([1, 6, 6, 6, 2], () =>
    tf.layers.conv3d({ filters: 3, kernelSize: 3 }),
  ),
  "convtranspose2d 4->2 k3 s2 bias": layer([1, 5, 5, 4], () =>
    tf.layers.conv2dTranspose({ filters: 2, kernelSize: 3, strides: 2 }),
  ),
};

const NORMALIZATIONS: Readonly<Record<string, PeerLayer>> = {
  "batchnorm2d 8": layer([1, 16, 16, 8], () => tf.layers.batchNormalization()),
  "layernorm 32": layer([2, 10, 32], () => tf.layers.layerNormalization()),
};

const ACTIVATION_LAYERS: Readonly<Record<string, PeerLayer>> = {
  "act ReLU": layer(VECTORS, () => tf.layers.reLU()),
  "act ReLU6": layer(VECTORS, activation("ReLU6")),
  "act LeakyReLU": layer(VECTORS, () => tf.layers.leakyReLU()),
  "act Sigmoid": layer(VECTORS, activation("Sigmoid")),
  "act Tanh": layer(VECTORS, activation("Tanh")),
  "act GELU": layer(VECTORS, activation("GELU")),
  "act SiLU": layer(VECTORS, activation("SiLU")),
  "act ELU": layer(VECTORS, () => tf.layers.elu()),
  "act Softplus": layer(VECTORS, named("softplus")),
  "act Hardsigmoid": layer(VECTORS, activation("Hardsigmoid")),
  "act Mish": layer(VECTORS, named("mish")),
  "act Softmax": layer(VECTORS, () => tf.layers.softmax()),
};

const IMAGES: Readonly<Record<string, PeerLayer>> = {
  "maxpool2d 2": layer(IMAGE, () => tf.layers.maxPooling2d({ poolSize: 2 })),
  "avgpool2d 2": layer(IMAGE, () => tf.layers.averagePooling2d({ poolSize: 2 })),
  "adaptiveavgpool2d 1": layer(IMAGE, () =>
    operationLayer(tf, "AdaptiveAveragePooling2D", "pool", adaptiveAveragePooling(tf, 1)),
  ),
  "adaptivemaxpool2d 1": layer(IMAGE, () => tf.layers.globalMaxPooling2d({})),
  "upsample bilinear x2": layer(IMAGE, () =>
    tf.layers.upSampling2d({ size: [2, 2], interpolation: "bilinear" }),
  ),
  "pixelshuffle 2": {
    inputs: [[1, 8, 8, 4]],
    target: () => (x) => tf.depthToSpace(x.as4D(1, 8, 8, 4), 2),
  },
  "zeropad2d 1": layer(IMAGE, () => tf.layers.zeroPadding2d({ padding: 1 })),
  flatten: layer(IMAGE, () => tf.layers.flatten()),
  dropout: layer(IMAGE, () => tf.layers.dropout({ rate: 0.5 })),
};

const SEQUENCES: Readonly<Record<string, PeerLayer>> = {
  "embedding 100x16": layer([2, 5], () => tf.layers.embedding({ inputDim: 100, outputDim: 16 })),
  "lstm 16->32, 2 layers, 5 steps": layer(
    [1, 5, 16],
    () => tf.layers.lstm(cell),
    () => tf.layers.lstm(cell),
  ),
  "gru 16->32, 5 steps": layer([1, 5, 16], () => tf.layers.gru(cell)),
  "lstmcell 16->32": cellAlone(() => tf.layers.lstmCell(cell), 2),
  "grucell 16->32": cellAlone(() => tf.layers.gruCell(cell), 1),
};

const product = (a: tf.Tensor, b: tf.Tensor) => tf.matMul(a, b);
const FUNCTIONS: Readonly<Record<string, PeerLayer>> = {
  "matmul 3x4x5 @ 3x5x6": {
    inputs: [
      [3, 4, 5],
      [3, 5, 6],
    ],
    target: () => product as (...inputs: tf.Tensor[]) => tf.Tensor,
  },
  "matmul 4x5 @ 5x6": {
    inputs: [
      [4, 5],
      [5, 6],
    ],
    target: () => product as (...inputs: tf.Tensor[]) => tf.Tensor,
  },
  "einsum bqhd,bkhd->bhqk": {
    inputs: [
      [2, 3, 4, 5],
      [2, 6, 4, 5],
    ],
    target:
      () =>
      (...inputs) =>
        tf.einsum("bqhd,bkhd->bhqk", ...inputs),
  },
};

/** The reference's layers that TensorFlow.js can express, by the name they have there. */
export const PEER_LAYERS: Readonly<Record<string, PeerLayer>> = {
  ...CONVOLUTIONS,
  ...NORMALIZATIONS,
  ...ACTIVATION_LAYERS,
  ...IMAGES,
  ...SEQUENCES,
  ...FUNCTIONS,
};

/** Those that it has no layer of, nor a function. */
export const NO_LAYER: readonly string[] = [
  ...["groupnorm 4 of 8", "rmsnorm 32"],
  ...["mha 32, 4 heads, self 7", "sdpa 4 heads, 7 tokens, 8 wide"],
];

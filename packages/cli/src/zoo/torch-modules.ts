import { elementAt } from "@opcounter/ir";
import type { layers, SymbolicTensor, Tensor } from "../tfjs-layers.ts";
import { ACTIVATIONS, type Activation } from "./activations.ts";
import {
  adaptiveAveragePooling,
  ceilMaxPooling,
  channelsOf,
  groupedConvolution,
  linear,
  type Operation,
  operationLayer,
  spatialMean,
  tiedLinear,
} from "./custom-layers.ts";
import { positionEmbedding } from "./tokens.ts";
import { zeroWeights } from "./zero-weights.ts";
import type { Tfjs } from "./zoo-model.ts";

type Layer = layers.Layer;
type Inputs = SymbolicTensor | SymbolicTensor[];
/** One size for height and width, or both. */
type Size = number | readonly [number, number];

export interface Convolution {
  readonly stride?: number;
  /** Zeros on each side; by default as many as keep the size at stride 1. */
  readonly padding?: number;
  readonly groups?: number;
  readonly bias?: boolean;
}

interface Pooling {
  readonly stride?: number;
  readonly padding?: number;
  /** Whether a last window that reaches past the end is used too. */
  readonly ceil?: boolean;
}

/**
 * PyTorch's modules as TensorFlow.js layers. A layer's name is the module's path, with `/` between
 * its parts; a trace takes its scopes from it. Each method adds one module to a network. All
 * weights are 0.
 *
 * PyTorch pads both sides equally. `padding: "same"` does so only at stride 1. In all other cases a
 * layer of its own pads, under the module's name.
 */
export class TorchModules {
  readonly tf: Tfjs;
  readonly #path: string;
  /** A ReLU that is called several times is one module, and so one layer. */
  readonly #relus = new Map<string | number, Layer>();

  constructor(tf: Tfjs, path = "") {
    this.tf = tf;
    this.#path = path;
  }

  /** The modules inside a module. */
  within(name: string | number): TorchModules {
    return new TorchModules(this.tf, this.#nameOf(name));
  }

  /** `nn.Conv2d`, by default without bias. */
  conv2d(
    name: string | number,
    x: SymbolicTensor,
    filters: number,
    kernel: Size,
    options: Convolution = {},
  ): SymbolicTensor {
    const { stride = 1, padding, groups = 1, bias = false } = options;
    const kernelSize = pair(kernel);
    const pads = pair(padding ?? [half(kernelSize[0]), half(kernelSize[1])]);
    const keepsSize =
      stride === 1 && kernelSize.every((size, i) => 2 * elementAt(pads, i) === size - 1);
    const padded = keepsSize ? x : this.#pad(name, x, pads);
    const shared = {
      name: this.#nameOf(name),
      kernelSize,
      strides: stride,
      padding: keepsSize && Math.max(...kernelSize) > 1 ? "same" : "valid",
      useBias: bias,
      biasInitializer: zeroWeights(this.tf),
    } as const;
    const { layers } = this.tf;
    if (groups === 1) {
      return call(
        layers.conv2d({ ...shared, filters, kernelInitializer: zeroWeights(this.tf) }),
        padded,
      );
    }
    const channels = channelsOf(x.shape);
    if (groups === channels && filters === groups) {
      return call(
        layers.depthwiseConv2d({ ...shared, depthwiseInitializer: zeroWeights(this.tf) }),
        padded,
      );
    }
    if (bias)
      throw new Error(`${shared.name}: a grouped convolution with a bias is not built here.`);
    const grouped = { ...shared, channels, filters, stride, groups };
    return this.#operation("GroupedConv2D", name, padded, groupedConvolution(this.tf, grouped));
  }

  /** `nn.BatchNorm2d`. Its momentum weighs the new value; that of tfjs weighs the old one. */
  batchNorm2d(
    name: string | number,
    x: SymbolicTensor,
    { epsilon = 1e-5, momentum = 0.1 } = {},
  ): SymbolicTensor {
    const layer = this.tf.layers.batchNormalization({
      name: this.#nameOf(name),
      epsilon,
      momentum: 1 - momentum,
      betaInitializer: zeroWeights(this.tf),
      gammaInitializer: zeroWeights(this.tf),
      movingMeanInitializer: zeroWeights(this.tf),
      movingVarianceInitializer: zeroWeights(this.tf),
    });
    return call(layer, x);
  }

  /** `nn.ReLU` as a module, never fused into a convolution. The same name gives the same module. */
  relu(name: string | number, x: SymbolicTensor): SymbolicTensor {
    const layer = this.#relus.get(name) ?? this.tf.layers.reLU({ name: this.#nameOf(name) });
    this.#relus.set(name, layer);
    return call(layer, x);
  }

  /** An activation that is a module. */
  activation(activation: Activation, name: string | number, x: SymbolicTensor): SymbolicTensor {
    if (activation === "ReLU") return this.relu(name, x);
    const compute = (input: Tensor) => ACTIVATIONS[activation](this.tf, input);
    return this.#operation(activation, name, x, { compute });
  }

  /** `nn.LayerNorm`, over the last axis. */
  layerNorm(name: string | number, x: SymbolicTensor, epsilon = 1e-5): SymbolicTensor {
    const layer = this.tf.layers.layerNormalization({
      name: this.#nameOf(name),
      epsilon,
      betaInitializer: zeroWeights(this.tf),
      gammaInitializer: zeroWeights(this.tf),
    });
    return call(layer, x);
  }

  /** `nn.MaxPool2d` after a ReLU: nothing is below 0 there, so zeros pad it as -∞ would. */
  maxPool2d(
    name: string | number,
    x: SymbolicTensor,
    poolSize: number,
    { stride = poolSize, padding = 0, ceil = false }: Pooling = {},
  ): SymbolicTensor {
    if (ceil) {
      const operation = ceilMaxPooling(this.tf, poolSize, stride);
      return this.#operation("MaxPooling2D", name, x, operation);
    }
    const padded = this.#pad(name, x, [padding, padding]);
    const layer = this.tf.layers.maxPooling2d({
      name: this.#nameOf(name),
      poolSize,
      strides: stride,
      padding: "valid",
    });
    return call(layer, padded);
  }

  /** `nn.AvgPool2d` without padding. */
  avgPool2d(name: string | number, x: SymbolicTensor, poolSize: number): SymbolicTensor {
    return call(this.tf.layers.averagePooling2d({ name: this.#nameOf(name), poolSize }), x);
  }

  /** `nn.AdaptiveAvgPool2d` to a square. */
  adaptiveAvgPool2d(name: string | number, x: SymbolicTensor, size: number): SymbolicTensor {
    const operation = adaptiveAveragePooling(this.tf, size);
    return this.#operation("AdaptiveAveragePooling2D", name, x, operation);
  }

  /** `nn.Dropout`. */
  dropout(name: string | number, x: SymbolicTensor, rate = 0.5): SymbolicTensor {
    return call(this.tf.layers.dropout({ name: this.#nameOf(name), rate }), x);
  }

  /** `nn.Embedding`: a row of `width` numbers for each of the ids below `size`. */
  embedding(name: string | number, ids: SymbolicTensor, size: number, width: number) {
    const layer = this.tf.layers.embedding({
      name: this.#nameOf(name),
      inputDim: size,
      outputDim: width,
      embeddingsInitializer: zeroWeights(this.tf),
    });
    return call(layer, ids);
  }

  /** torchvision's `StochasticDepth` at inference. In training it drops whole branches. */
  stochasticDepth(name: string | number, x: SymbolicTensor): SymbolicTensor {
    return this.#operation("StochasticDepth", name, x, { compute: (branch) => branch.clone() });
  }

  /** `nn.Embedding` of the places of tokens, added to the tokens. */
  positionEmbedding(name: string | number, x: SymbolicTensor, places: number): SymbolicTensor {
    const operation = positionEmbedding(this.tf, places, channelsOf(x.shape));
    return this.#operation("Embedding", name, x, operation);
  }

  /** `nn.Linear` without bias, whose weight is the table of the embedding that gave `embedded`. */
  tiedLinear(name: string | number, x: SymbolicTensor, embedded: SymbolicTensor): SymbolicTensor {
    const [table] = embedded.sourceLayer.weights;
    if (table === undefined) throw new Error(`${this.#nameOf(name)} is tied to no embedding.`);
    return this.#operation("Dense", name, x, tiedLinear(this.tf, table));
  }

  /** `nn.Linear`, on the last axis. */
  linear(name: string | number, x: SymbolicTensor, units: number): SymbolicTensor {
    if (x.shape.length > 2) {
      return this.#operation("Dense", name, x, linear(this.tf, channelsOf(x.shape), units));
    }
    const layer = this.tf.layers.dense({
      name: this.#nameOf(name),
      units,
      kernelInitializer: zeroWeights(this.tf),
      biasInitializer: zeroWeights(this.tf),
    });
    return call(layer, x);
  }

  /** `torch.flatten`, of all but the batch. */
  flatten(x: SymbolicTensor): SymbolicTensor {
    return call(this.tf.layers.flatten({ name: this.#nameOf("flatten") }), x);
  }

  /** Addition in a forward method. */
  add(inputs: SymbolicTensor[], name = "add"): SymbolicTensor {
    return call(this.tf.layers.add({ name: this.#nameOf(name) }), inputs);
  }

  /** Multiplication in a forward method. */
  multiply(inputs: SymbolicTensor[]): SymbolicTensor {
    return call(this.tf.layers.multiply({ name: this.#nameOf("multiply") }), inputs);
  }

  /** `torch.cat`, along the channels. */
  concat(inputs: SymbolicTensor[]): SymbolicTensor {
    return call(this.tf.layers.concatenate({ name: this.#nameOf("concat") }), inputs);
  }

  /** A function that a forward method calls. It is no module, so hooks on modules miss it. */
  functional(name: string | number, x: Inputs, operation: Operation): SymbolicTensor {
    return this.#operation("FunctionCall", name, x, operation);
  }

  /** A part of an `nn.MultiheadAttention`, which uses its weights in function calls. */
  multiheadAttention(name: string, x: Inputs, operation: Operation): SymbolicTensor {
    return this.#operation("MultiheadAttention", name, x, operation);
  }

  /** `x.mean([2, 3])` in a forward method: a global pooling that no tool counts as one. */
  mean(x: Inputs): SymbolicTensor {
    return this.#operation("FunctionalMean", "mean", x, spatialMean(this.tf));
  }

  #operation(className: string, name: string | number, x: Inputs, operation: Operation) {
    return call(operationLayer(this.tf, className, this.#nameOf(name), operation), x);
  }

  #pad(name: string | number, x: SymbolicTensor, [height, width]: readonly [number, number]) {
    if (height === 0 && width === 0) return x;
    const layer = this.tf.layers.zeroPadding2d({
      name: `${this.#nameOf(name)}/padding`,
      padding: [height, width],
    });
    return call(layer, x);
  }

  #nameOf(name: string | number): string {
    return this.#path === "" ? String(name) : `${this.#path}/${name}`;
  }
}

function pair(size: Size): [number, number] {
  return typeof size === "number" ? [size, size] : [size[0], size[1]];
}

function half(size: number): number {
  return Math.floor(size / 2);
}

function call(layer: Layer, x: Inputs): SymbolicTensor {
  // Symbolic in, symbolic out, and every layer used here has one output.
  return layer.apply(x) as SymbolicTensor;
}

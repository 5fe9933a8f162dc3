import type * as tf from "@tensorflow/tfjs";
import type { Tfjs } from "./model.ts";

/** A symbolic tensor on its way through a model that is being built. */
export type Symbolic = tf.SymbolicTensor;

interface FunctionalConfig {
  readonly name: string;
  readonly compute: (x: tf.Tensor4D) => tf.Tensor;
  readonly shapeOf: (shape: tf.Shape) => tf.Shape;
}

/** The two layers that PyTorch has and tfjs lacks, made for one copy of tfjs. */
function makeClasses({ layers, avgPool, tidy }: Tfjs) {
  /** What torchvision writes as a function call, not as a module: module hooks never see it. */
  class Functional extends layers.Layer {
    static className = "Functional";
    readonly #config: FunctionalConfig;

    constructor(config: FunctionalConfig) {
      super({ name: config.name });
      this.#config = config;
    }

    override computeOutputShape(shape: tf.Shape | tf.Shape[]): tf.Shape {
      return this.#config.shapeOf(shape as tf.Shape);
    }

    override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
      const x = Array.isArray(inputs) ? inputs[0] : inputs;
      return tidy(() => this.#config.compute(x as tf.Tensor4D));
    }
  }

  /** nn.AdaptiveAvgPool2d for sizes that its output divides; at the output's own size a view. */
  class AdaptiveAveragePooling2D extends layers.Layer {
    static className = "AdaptiveAveragePooling2D";
    readonly #side: number;

    constructor({ name, side }: { name: string; side: number }) {
      super({ name });
      this.#side = side;
    }

    override computeOutputShape(shape: tf.Shape | tf.Shape[]): tf.Shape {
      const [batch = null, , , channels = null] = shape as tf.Shape;
      return [batch, this.#side, this.#side, channels];
    }

    override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
      const x = (Array.isArray(inputs) ? inputs[0] : inputs) as tf.Tensor4D;
      const window: [number, number] = [x.shape[1] / this.#side, x.shape[2] / this.#side];
      return tidy(() => avgPool(x, window, window, "valid"));
    }
  }
  return { Functional, AdaptiveAveragePooling2D };
}

const classesOf = new WeakMap<object, ReturnType<typeof makeClasses>>();

/** The classes for a copy of tfjs, made once for each. */
function classes(tf: Tfjs): ReturnType<typeof makeClasses> {
  let made = classesOf.get(tf.layers);
  if (made === undefined) {
    made = makeClasses(tf);
    classesOf.set(tf.layers, made);
  }
  return made;
}

interface ConvolutionOptions {
  readonly filters: number;
  readonly kernel: number;
  readonly stride?: number;
  readonly bias?: boolean;
}

/**
 * PyTorch's modules as tfjs layers, named by the module's path with `/` for its dots. Padding is
 * PyTorch's: on both sides alike, by a layer of its own where tfjs's "same" would differ.
 */
export class TorchLayers {
  constructor(readonly tf: Tfjs) {}

  image(size: number): Symbolic {
    return this.tf.input({ name: "image", shape: [size, size, 3] });
  }

  model(name: string, inputs: Symbolic, outputs: Symbolic): tf.LayersModel {
    return this.tf.model({ name, inputs, outputs });
  }

  /** nn.Conv2d with padding that keeps the size at stride 1: (kernel − 1) / 2. */
  convolution(
    x: Symbolic,
    name: string,
    { filters, kernel, stride = 1, bias = false }: ConvolutionOptions,
    padding = (kernel - 1) / 2,
  ): Symbolic {
    const keepsSize = stride === 1 && padding === (kernel - 1) / 2;
    const input = keepsSize ? x : this.pad(x, name, padding);
    const layer = this.tf.layers.conv2d({
      name,
      filters,
      kernelSize: kernel,
      strides: stride,
      padding: keepsSize ? "same" : "valid",
      useBias: bias,
      kernelInitializer: "zeros",
    });
    return layer.apply(input) as Symbolic;
  }

  /** nn.Conv2d with groups = channels. */
  depthwise(x: Symbolic, name: string, kernel: number, stride: number): Symbolic {
    const input = stride === 1 ? x : this.pad(x, name, (kernel - 1) / 2);
    const layer = this.tf.layers.depthwiseConv2d({
      name,
      kernelSize: kernel,
      strides: stride,
      padding: stride === 1 ? "same" : "valid",
      useBias: false,
      depthwiseInitializer: "zeros",
    });
    return layer.apply(input) as Symbolic;
  }

  batchNorm(x: Symbolic, name: string): Symbolic {
    const layer = this.tf.layers.batchNormalization({ name, epsilon: 1e-5, momentum: 0.9 });
    return layer.apply(x) as Symbolic;
  }

  relu(x: Symbolic, name: string, maxValue?: number): Symbolic {
    const config = maxValue === undefined ? { name } : { name, maxValue };
    return this.tf.layers.reLU(config).apply(x) as Symbolic;
  }

  maxPool(x: Symbolic, name: string, size: number, stride: number, padding = 0): Symbolic {
    // Zeros pad as −∞ would: what is pooled here comes out of a ReLU.
    const layer = this.tf.layers.maxPooling2d({ name, poolSize: size, strides: stride });
    return layer.apply(this.pad(x, name, padding)) as Symbolic;
  }

  averagePool(x: Symbolic, name: string, size: number): Symbolic {
    const layer = this.tf.layers.averagePooling2d({ name, poolSize: size, strides: size });
    return layer.apply(x) as Symbolic;
  }

  adaptiveAveragePool(x: Symbolic, name: string, side: number): Symbolic {
    const { AdaptiveAveragePooling2D } = classes(this.tf);
    return new AdaptiveAveragePooling2D({ name, side }).apply(x) as Symbolic;
  }

  /** nn.AdaptiveAvgPool2d(1) and the flattening after it. */
  globalAveragePool(x: Symbolic, name: string): Symbolic {
    return this.tf.layers.globalAveragePooling2d({ name }).apply(x) as Symbolic;
  }

  /** F.relu, called in forward(). */
  functionalRelu(x: Symbolic, name: string): Symbolic {
    const { Functional } = classes(this.tf);
    const { relu } = this.tf;
    return new Functional({ name, compute: relu, shapeOf: (shape) => shape }).apply(x) as Symbolic;
  }

  /** F.adaptive_avg_pool2d(x, 1) and torch.flatten, called in forward(). */
  functionalGlobalPool(x: Symbolic, name: string): Symbolic {
    const { Functional } = classes(this.tf);
    return new Functional({
      name,
      compute: (image) => image.mean([1, 2]),
      shapeOf: ([batch = null, , , channels = null]) => [batch, channels],
    }).apply(x) as Symbolic;
  }

  add(a: Symbolic, b: Symbolic, name: string): Symbolic {
    return this.tf.layers.add({ name }).apply([a, b]) as Symbolic;
  }

  /** torch.cat along the channels. */
  concatenate(parts: Symbolic[], name: string): Symbolic {
    return this.tf.layers.concatenate({ name, axis: -1 }).apply(parts) as Symbolic;
  }

  flatten(x: Symbolic, name = "flatten"): Symbolic {
    return this.tf.layers.flatten({ name }).apply(x) as Symbolic;
  }

  dropout(x: Symbolic, name: string): Symbolic {
    return this.tf.layers.dropout({ name, rate: 0.5 }).apply(x) as Symbolic;
  }

  linear(x: Symbolic, name: string, units: number): Symbolic {
    return this.tf.layers.dense({ name, units, kernelInitializer: "zeros" }).apply(x) as Symbolic;
  }

  private pad(x: Symbolic, name: string, padding: number): Symbolic {
    if (padding === 0) return x;
    return this.tf.layers.zeroPadding2d({ name: `${name}/pad`, padding }).apply(x) as Symbolic;
  }
}

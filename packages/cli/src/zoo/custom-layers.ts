import type * as tfjs from "@tensorflow/tfjs";
import type { Tensor, Tensor4D } from "@tensorflow/tfjs";
import type { Tfjs } from "./zoo-model.ts";

/** A layer's shapes; null stands for a size that is not known before the model runs. */
export type Shape = (number | null)[];

/** What a layer without weights does. */
export interface Operation {
  readonly compute: (x: Tensor4D) => Tensor;
  /** The shape of what `compute` returns. Where it is left out, the input's. */
  readonly outputShape?: (input: Shape) => Shape;
}

export interface GroupedConvolution {
  readonly name: string;
  readonly filters: number;
  /** Height and width. */
  readonly kernelSize: readonly [number, number];
  readonly stride: number;
  readonly padding: "same" | "valid";
  /** Divides the input's channels and the filters. */
  readonly groups: number;
}

/** The layers that torchvision's models need and TensorFlow.js lacks, for one copy of tfjs. */
export interface CustomLayers {
  /** A layer of any class name that applies a function to its one input. */
  operation(className: string, name: string, operation: Operation): tfjs.layers.Layer;
  groupedConv2d(convolution: GroupedConvolution): tfjs.layers.Layer;
}

const made = new WeakMap<Tfjs, CustomLayers>();

/**
 * The custom layers of a copy of tfjs: a layer's class must extend that copy's own `Layer`.
 * They live in memory only: a model of them can be run and traced, not loaded from a file.
 */
export function customLayers(tf: Tfjs): CustomLayers {
  const known = made.get(tf);
  if (known !== undefined) return known;
  const layers = { operation: operationFactory(tf), groupedConv2d: groupedConv2dFactory(tf) };
  made.set(tf, layers);
  return layers;
}

function operationFactory(tf: Tfjs): CustomLayers["operation"] {
  const classes = new Map<string, ReturnType<typeof operationClass>>();
  return (className, name, operation) => {
    let OperationLayer = classes.get(className);
    if (OperationLayer === undefined) {
      OperationLayer = operationClass(tf, className);
      classes.set(className, OperationLayer);
    }
    return new OperationLayer(name, operation);
  };
}

function operationClass(tf: Tfjs, className: string) {
  return class OperationLayer extends tf.layers.Layer {
    static readonly className = className;
    readonly #operation: Operation;

    constructor(name: string, operation: Operation) {
      super({ name });
      this.#operation = operation;
    }

    override computeOutputShape(inputShape: Shape | Shape[]): Shape {
      const shape = single(inputShape);
      return this.#operation.outputShape?.(shape) ?? shape;
    }

    override call(inputs: Tensor | Tensor[]): Tensor {
      return tf.tidy(() => this.#operation.compute(image(inputs)));
    }
  };
}

/**
 * Grouped convolution without bias, out of kernels that TensorFlow.js has: a depthwise
 * convolution gives each input channel its share of the filters/groups outputs of its group, and
 * a sum over the channels of a group adds the shares up. Weights and multiplications are exactly
 * those of a grouped convolution; the sum is an extra pass over memory.
 */
function groupedConv2dFactory(tf: Tfjs): CustomLayers["groupedConv2d"] {
  class GroupedConv2D extends tf.layers.Layer {
    static readonly className = "GroupedConv2D";
    readonly #convolution: GroupedConvolution;
    #kernel: ReturnType<typeof this.addWeight> | undefined;

    constructor(convolution: GroupedConvolution) {
      super({ name: convolution.name });
      this.#convolution = convolution;
    }

    override build(inputShape: Shape | Shape[]): void {
      const { kernelSize, filters, groups } = this.#convolution;
      const channels = channelsOf(single(inputShape));
      if (channels % groups !== 0 || filters % groups !== 0) {
        throw new Error(
          `${this.name} cannot split ${channels} channels into ${filters} in ${groups} groups.`,
        );
      }
      const shape = [...kernelSize, channels, filters / groups];
      this.#kernel = this.addWeight("kernel", shape, "float32", tf.initializers.zeros());
      this.built = true;
    }

    override computeOutputShape(inputShape: Shape | Shape[]): Shape {
      const { kernelSize, stride, padding, filters } = this.#convolution;
      const [batch = null, height = null, width = null] = single(inputShape);
      const outputSize = (size: number | null, window: number) =>
        size === null ? null : Math.ceil((padding === "same" ? size : size - window + 1) / stride);
      return [batch, outputSize(height, kernelSize[0]), outputSize(width, kernelSize[1]), filters];
    }

    override call(inputs: Tensor | Tensor[]): Tensor {
      const { filters, groups, stride, padding } = this.#convolution;
      const x = image(inputs);
      return tf.tidy(() => {
        if (this.#kernel === undefined)
          throw new Error(`${this.name} is called before it is built.`);
        // A depthwise kernel is of rank 4, as built above.
        const kernel = this.#kernel.read() as Tensor4D;
        const shares = tf.depthwiseConv2d(x, kernel, stride, padding);
        const [batch, height, width] = shares.shape;
        const perGroup = [batch * height * width * groups, x.shape[3] / groups, filters / groups];
        return tf.sum(tf.reshape(shares, perGroup), 1).reshape([batch, height, width, filters]);
      });
    }
  }
  return (convolution) => new GroupedConv2D(convolution);
}

/** Average pooling to a given height and width, as PyTorch's, for sizes that divide evenly. */
export function adaptiveAveragePooling(tf: Tfjs, size: number): Operation {
  return {
    outputShape: ([batch = null, , , channels = null]) => [batch, size, size, channels],
    compute(x) {
      const [, height, width] = x.shape;
      if (height % size !== 0 || width % size !== 0) {
        throw new Error(
          `An image of ${height}x${width} cannot be pooled evenly to ${size}x${size}; give the model an input of its published size.`,
        );
      }
      if (height === size && width === size) return x.clone();
      const window: [number, number] = [height / size, width / size];
      return tf.avgPool(x, window, window, "valid");
    },
  };
}

/** Max pooling whose output size is rounded up; tfjs's own layer rounds down or pads both ends. */
export function ceilMaxPooling(tf: Tfjs, poolSize: number, stride: number): Operation {
  const outputSize = (size: number | null) =>
    size === null ? null : Math.ceil((size - poolSize) / stride) + 1;
  return {
    outputShape: ([batch = null, height = null, width = null, channels = null]) => [
      batch,
      outputSize(height),
      outputSize(width),
      channels,
    ],
    compute: (x) => tf.maxPool(x, poolSize, stride, 0, "ceil"),
  };
}

/** The mean over height and width: `x.mean([2, 3])` in PyTorch's order of axes. */
export function spatialMean(tf: Tfjs): Operation {
  return {
    outputShape: ([batch = null, , , channels = null]) => [batch, channels],
    compute: (x) => tf.mean(x, [1, 2]),
  };
}

/** The image tensor among a layer's inputs: all layers here take exactly one. */
function image(inputs: Tensor | Tensor[]): Tensor4D {
  const x = Array.isArray(inputs) ? inputs[0] : inputs;
  if (x?.rank !== 4) throw new Error("The layer takes one tensor of rank 4.");
  // Its rank was checked just now.
  return x as Tensor4D;
}

function single(shape: Shape | Shape[]): Shape {
  // A list of shapes holds arrays, a shape numbers or null; tfjs passes the list for several inputs.
  return (Array.isArray(shape[0]) ? shape[0] : shape) as Shape;
}

/** How many channels an image of this shape has. */
export function channelsOf(shape: Shape): number {
  const channels = shape.at(-1);
  if (channels == null) throw new Error("The number of channels must be known.");
  return channels;
}

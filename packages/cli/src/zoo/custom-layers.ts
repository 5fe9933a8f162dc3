import { elementAt } from "@opcounter/ir";
import type * as tfjs from "../tfjs-layers.ts";
import type { LayerVariable, Tensor, Tensor4D } from "../tfjs-layers.ts";
import { zeroWeights } from "./zero-weights.ts";
import type { Tfjs } from "./zoo-model.ts";

/** A layer's shapes; null stands for a size that is not known before the model runs. */
export type Shape = (number | null)[];

/** An operation that TensorFlow.js has no layer for. */
export interface Operation {
  /** The shapes of its weights, which are all 0. */
  readonly weights?: Readonly<Record<string, readonly number[]>>;
  /** Takes the layer's inputs and then its weights, in their order. */
  readonly compute: (...tensors: Tensor[]) => Tensor;
  /** From the shapes of the inputs, that of the result; by default that of the first input. */
  readonly outputShape?: (...inputs: Shape[]) => Shape;
}

type OperationLayer = ReturnType<typeof operationClass>;

/** Layer classes by name, one set per copy of tfjs: a class must extend that copy's `Layer`. */
const classes = new WeakMap<Tfjs, Map<string, OperationLayer>>();

/**
 * A layer with any class name that runs an operation. It exists only in memory: a model of such
 * layers can be run and traced, but not loaded from a file.
 */
export function operationLayer(
  tf: Tfjs,
  className: string,
  name: string,
  operation: Operation,
): tfjs.layers.Layer {
  const known = classes.get(tf) ?? new Map<string, OperationLayer>();
  classes.set(tf, known);
  const Layer = known.get(className) ?? operationClass(tf, className);
  known.set(className, Layer);
  return new Layer(name, operation);
}

function operationClass(tf: Tfjs, className: string) {
  return class extends tf.layers.Layer {
    static readonly className = className;
    readonly #operation: Operation;
    #weights: LayerVariable[] = [];

    constructor(name: string, operation: Operation) {
      super({ name });
      this.#operation = operation;
    }

    override build(): void {
      this.#weights = Object.entries(this.#operation.weights ?? {}).map(([name, shape]) =>
        this.addWeight(name, [...shape], "float32", zeroWeights(tf)),
      );
      this.built = true;
    }

    override computeOutputShape(inputShape: Shape | Shape[]): Shape {
      const shapes = listOf(inputShape);
      return this.#operation.outputShape?.(...shapes) ?? elementAt(shapes, 0);
    }

    override call(inputs: Tensor | Tensor[]): Tensor {
      const tensors = Array.isArray(inputs) ? inputs : [inputs];
      const weights = this.#weights.map((weight) => weight.read());
      return tf.tidy(() => this.#operation.compute(...tensors, ...weights));
    }
  };
}

export interface GroupedConvolution {
  /** The input's channels. */
  readonly channels: number;
  readonly filters: number;
  /** Height and width. */
  readonly kernelSize: readonly [number, number];
  readonly stride: number;
  readonly padding: "same" | "valid";
  readonly groups: number;
}

/**
 * Grouped convolution without bias, made of kernels that TensorFlow.js has. A depthwise convolution
 * computes the share of each input channel in the filters/groups outputs of its group. A sum over
 * the channels of a group adds the shares. Weights and multiplications are exactly those of a
 * grouped convolution; the sum is an extra pass over memory.
 */
export function groupedConvolution(
  tf: Tfjs,
  { channels, filters, kernelSize, stride, padding, groups }: GroupedConvolution,
): Operation {
  if (channels % groups !== 0 || filters % groups !== 0) {
    throw new Error(`${channels} channels do not split into ${filters} in ${groups} groups.`);
  }
  const outputSize = (size: number | null, window: number) =>
    size === null ? null : Math.ceil((padding === "same" ? size : size - window + 1) / stride);
  return {
    weights: { kernel: [...kernelSize, channels, filters / groups] },
    outputShape: ([batch = null, height = null, width = null]) => [
      batch,
      outputSize(height, kernelSize[0]),
      outputSize(width, kernelSize[1]),
      filters,
    ],
    compute(x, kernel) {
      const shares = tf.depthwiseConv2d(ofRank4(x), ofRank4(kernel), stride, padding);
      const [batch, height, width] = shares.shape;
      const perGroup = [batch * height * width * groups, channels / groups, filters / groups];
      return tf.sum(tf.reshape(shares, perGroup), 1).reshape([batch, height, width, filters]);
    },
  };
}

/** Average pooling to a given size, as in PyTorch. The input's size must be a multiple of it. */
export function adaptiveAveragePooling(tf: Tfjs, size: number): Operation {
  return {
    outputShape: ([batch = null, , , channels = null]) => [batch, size, size, channels],
    compute(x) {
      const image = ofRank4(x);
      const [, height, width] = image.shape;
      if (height % size !== 0 || width % size !== 0) {
        throw new Error(
          `An image of ${height}x${width} cannot be pooled evenly to ${size}x${size}; give the model an input of its published size.`,
        );
      }
      if (height === size && width === size) return image.clone();
      const window: [number, number] = [height / size, width / size];
      return tf.avgPool(image, window, window, "valid");
    },
  };
}

/** Max pooling with its output size rounded up. The tfjs layer rounds down or pads both sides. */
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
    compute: (x) => tf.maxPool(ofRank4(x), poolSize, stride, 0, "ceil"),
  };
}

/** The mean over height and width: `x.mean([2, 3])` in PyTorch's order of axes. */
export function spatialMean(tf: Tfjs): Operation {
  return {
    outputShape: ([batch = null, , , channels = null]) => [batch, channels],
    compute: (x) => tf.mean(x, [1, 2]),
  };
}

/**
 * A linear layer on the last axis of a tensor of any rank. For a rank above 2, the layer of tfjs
 * copies its kernel at every call.
 */
export function linear(tf: Tfjs, features: number, units: number): Operation {
  return {
    weights: { kernel: [features, units], bias: [units] },
    outputShape: (shape) => [...shape.slice(0, -1), units],
    compute(x, kernel, bias) {
      const rows = tf.reshape(x, [-1, features]);
      const product = tf.fused.matMul({ a: rows, b: kernel, bias });
      return tf.reshape(product, [...x.shape.slice(0, -1), units]);
    },
  };
}

/** A linear layer without bias. Its kernel is the transposed table of an embedding. */
export function tiedLinear(tf: Tfjs, table: LayerVariable): Operation {
  const [units = null, features = null] = table.shape;
  return {
    outputShape: (shape) => [...shape.slice(0, -1), units],
    compute(x) {
      const rows = tf.reshape(x, [-1, channelsOf([features])]);
      const product = tf.matMul(rows, table.read(), false, true);
      return tf.reshape(product, [...x.shape.slice(0, -1), channelsOf([units])]);
    },
  };
}

/** An image, or a kernel of a convolution. */
export function ofRank4(x: Tensor | undefined): Tensor4D {
  if (x?.rank !== 4) throw new Error("The layer takes tensors of rank 4.");
  // Its rank was checked just now.
  return x as Tensor4D;
}

function listOf(shapes: Shape | Shape[]): Shape[] {
  // tfjs passes a list of shapes for several inputs. A shape itself holds numbers or null.
  return (Array.isArray(shapes[0]) ? shapes : [shapes]) as Shape[];
}

/** How many channels an image of this shape has. */
export function channelsOf(shape: Shape): number {
  const channels = shape.at(-1);
  if (channels == null) throw new Error("The number of channels must be known.");
  return channels;
}

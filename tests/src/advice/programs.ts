import * as tf from "@tensorflow/tfjs";

/** Values from −1 to 1 that depend on the shape alone. */
export function random<R extends tf.Rank>(shape: tf.ShapeMap[R]): tf.Tensor<R> {
  return tf.randomUniform<R>(shape, -1, 1, "float32", 7);
}

/** A weight of a program. */
export function weight<R extends tf.Rank>(shape: tf.ShapeMap[R]): tf.Variable<R> {
  return tf.variable(random<R>(shape));
}

/** A model of a stack of layers. Weights of the same shape are the same in every model. */
export function stack(...layers: tf.layers.Layer[]): tf.Sequential {
  const model = tf.sequential({ layers });
  model.setWeights(model.getWeights().map(({ shape }) => tf.abs(random(shape))));
  return model;
}

type Compute = (x: tf.Tensor, weights: readonly tf.Tensor[]) => tf.Tensor;

/** A layer of the user's own, with weights of these shapes. */
export class OwnLayer extends tf.layers.Layer {
  static className = "OwnLayer";
  readonly #shapes: readonly number[][];
  readonly #compute: Compute;
  #weights: readonly { read(): tf.Tensor }[] = [];

  constructor(inputShape: number[], shapes: readonly number[][], compute: Compute) {
    super({ inputShape });
    this.#shapes = shapes;
    this.#compute = compute;
  }

  override build(): void {
    const zeros = tf.initializers.zeros();
    this.#weights = this.#shapes.map((shape, i) =>
      this.addWeight(`w${i}`, shape, "float32", zeros),
    );
    this.built = true;
  }

  override computeOutputShape(shape: tf.Shape): tf.Shape {
    return shape;
  }

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    const x = Array.isArray(inputs) ? inputs[0] : inputs;
    if (x === undefined) throw new Error("the layer has no input");
    return tf.tidy(() =>
      this.#compute(
        x,
        this.#weights.map((weight) => weight.read()),
      ),
    );
  }
}

/** The weight at a place of a layer of the user's own. */
export function at(weights: readonly tf.Tensor[], place: number): tf.Tensor {
  const found = weights[place];
  if (found === undefined) throw new RangeError(`the layer has no weight ${place}`);
  return found;
}

/** A tensor of four dimensions as such, without a reshape. */
export function rank4(tensor: tf.Tensor): tf.Tensor4D {
  if (!isRank4(tensor)) throw new Error(`a tensor has ${tensor.rank} dimensions, not 4`);
  return tensor;
}

function isRank4(tensor: tf.Tensor): tensor is tf.Tensor4D {
  return tensor.rank === 4;
}

/** The same of three dimensions. */
export function rank3(tensor: tf.Tensor): tf.Tensor3D {
  if (!isRank3(tensor)) throw new Error(`a tensor has ${tensor.rank} dimensions, not 3`);
  return tensor;
}

function isRank3(tensor: tf.Tensor): tensor is tf.Tensor3D {
  return tensor.rank === 3;
}

import type * as tfjs from "../tfjs-layers.ts";
import type { Tfjs } from "./zoo-model.ts";

/** The zeros that all weights of the zoo share; as many as the largest weight has. */
let zeros = new Float32Array(0);

/**
 * An initializer of zeros. The zoo needs only the shapes of its weights, so all weights share one
 * array: a model of a billion weights takes the memory of its largest weight. Code that writes into
 * the array of one weight changes all of them; assigning to the weight does not.
 */
export function zeroWeights(tf: Tfjs): ReturnType<typeof tf.initializers.zeros> {
  const initializer = tf.initializers.zeros();
  initializer.apply = (shape: tfjs.Shape) => {
    const sizes = shape.map((size) => {
      if (size === null) throw new Error("a weight has a dimension of unknown size");
      return size;
    });
    const count = sizes.reduce((product, size) => product * size, 1);
    if (zeros.length < count) zeros = new Float32Array(count);
    return tf.tensor(zeros.subarray(0, count), sizes);
  };
  return initializer;
}

import type * as tfjs from "../tfjs.ts";
import type { Tfjs } from "./zoo-model.ts";

/** The zeros that all weights of the zoo share, as many as the largest of them needs. */
let zeros = new Float32Array(0);

/**
 * An initializer of weights that are all 0, as the zoo's are: nothing but their shapes is of
 * interest. They share one piece of memory, so that a model of a billion weights takes that of its
 * largest; whoever writes into the array of one (and not to the weight) writes into all.
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

import { elementAt } from "@opcounter/ir";
import type { Tensor } from "../tfjs-layers.ts";
import { channelsOf, type Operation } from "./custom-layers.ts";
import type { Tfjs } from "./zoo-model.ts";

/**
 * Multi-head attention (Vaswani et al. 2017) of queries, keys and values, each of shape
 * `[batch, length, heads · d]`: softmax(q·kᵀ / √d)·v in each head.
 */
export function attention(tf: Tfjs, heads: number): Operation {
  return { compute: (query, key, value) => attend(tf, heads, query, key, value) };
}

/**
 * The same for one tensor that holds queries, keys and values side by side, and for a mask, if one
 * is given, that is added to the scores.
 */
export function selfAttention(tf: Tfjs, heads: number): Operation {
  return {
    outputShape: (projected) => [...projected.slice(0, -1), channelsOf(projected) / 3],
    compute(projected, mask?: Tensor) {
      const width = channelsOf(projected.shape) / 3;
      const part = (i: number) => tf.slice(projected, [0, 0, i * width], [-1, -1, width]);
      return attend(tf, heads, part(0), part(1), part(2), mask);
    },
  };
}

function attend(
  tf: Tfjs,
  heads: number,
  query: Tensor,
  key: Tensor,
  value: Tensor,
  mask?: Tensor,
): Tensor {
  const batch = elementAt(query.shape, 0);
  const width = channelsOf(query.shape) / heads;
  const byHead = (x: Tensor) =>
    tf.transpose(tf.reshape(x, [batch, -1, heads, width]), [0, 2, 1, 3]);
  const scores = tf.div(tf.matMul(byHead(query), byHead(key), false, true), Math.sqrt(width));
  const masked = mask === undefined ? scores : tf.add(scores, mask);
  const attended = tf.matMul(tf.softmax(masked), byHead(value));
  return tf.reshape(tf.transpose(attended, [0, 2, 1, 3]), query.shape);
}

/**
 * The mask that keeps a token from attending to later ones, `[length, length]` for ids
 * `[batch, length]`: 0 where it attends, and elsewhere a number so low that its softmax is 0.
 */
export function causalMask(tf: Tfjs): Operation {
  return {
    outputShape: ([, length = null]) => [length, length],
    compute(ids) {
      const length = elementAt(ids.shape, 1);
      const position = tf.range(0, length);
      const isLater = tf.greater(position, tf.expandDims(position, 1));
      return tf.mul(tf.cast(isLater, "float32"), -1e9);
    },
  };
}

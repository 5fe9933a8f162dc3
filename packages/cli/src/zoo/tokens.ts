import { elementAt } from "@opcounter/ir";
import type { Operation } from "./custom-layers.ts";
import type { Tfjs } from "./zoo-model.ts";

/** Adds a learned vector to each token of `[batch, length, width]`, one vector per place. */
export function positionEmbedding(tf: Tfjs, places: number, width: number): Operation {
  return {
    weights: { embeddings: [places, width] },
    compute(tokens, table) {
      const length = elementAt(tokens.shape, 1);
      if (length > places) {
        throw new Error(`The model has places for ${places} tokens, and is given ${length}.`);
      }
      return tf.add(tokens, length === places ? table : tf.slice(table, [0, 0], [length, width]));
    },
  };
}

/** The first token of each sequence, which represents the whole sequence: `[batch, width]`. */
export function firstToken(tf: Tfjs): Operation {
  return {
    outputShape: ([batch = null, , width = null]) => [batch, width],
    compute: (tokens) => tf.squeeze(tf.slice(tokens, [0, 0, 0], [-1, 1, -1]), [1]),
  };
}

import type { Graph, Op } from "../graph.ts";
import { sameAxes } from "./axes.ts";
import {
  add,
  any,
  binary,
  divide,
  either,
  type FusionPattern,
  multiply,
  op,
  type Pattern,
  scalar,
  subtract,
  unary,
} from "./pattern.ts";

/** value / √(variance + ε), written as a division or as a product. */
function overRoot(value: Pattern, variance: Pattern): Pattern {
  const shifted = add(variance, scalar());
  return either(
    divide(value, unary("Sqrt", shifted)),
    multiply(value, unary("Rsqrt", shifted)),
    // tf.batchNorm and hand-written code compute value·(1/√(variance + ε)).
    multiply(value, unary("Reciprocal", unary("Sqrt", shifted))),
  );
}

/** Then times a scale and plus an offset, or only times a scale, or neither. */
function affine(normalized: Pattern): Pattern {
  const scaled = multiply(normalized, any());
  return either(add(scaled, any()), scaled, normalized);
}

function layerNorm(normalizedBy: (x: Pattern, mean: Pattern, variance: Pattern) => Pattern) {
  const x = any();
  const mean = unary("Mean", x);
  // The program may compute the difference twice, as tf.moments does.
  const square = either(unary("Square", subtract(x, mean)), binary("SquaredDifference", x, mean));
  const variance = unary("Mean", square);
  const when = (graph: Graph, opOf: (pattern: Pattern) => Op | undefined) =>
    sameAxes(graph, opOf(mean), opOf(variance));
  return { root: normalizedBy(x, mean, variance), when };
}

const written = layerNorm((x, mean, variance) => affine(overRoot(subtract(x, mean), variance)));

/** tf.layers.layerNormalization tiles everything to x's shape and calls the batch-norm kernel. */
const tiled = layerNorm((x, mean, variance) =>
  op("FusedBatchNorm", {
    x,
    mean: unary("Tile", mean),
    variance: unary("Tile", variance),
    scale: unary("Tile", any()),
    offset: unary("Tile", any()),
  }),
);

const rmsInput = any();
const meanSquare = unary("Mean", either(unary("Square", rmsInput), multiply(rmsInput, rmsInput)));

export const normalizationPatterns: readonly FusionPattern[] = [
  { name: "layer-norm", meaning: "(x − mean) / √(variance + ε)·scale + offset", ...written },
  {
    name: "layer-norm",
    form: "tf-layers",
    meaning: "the same, as tf.layers computes it",
    ...tiled,
  },
  {
    name: "rms-norm",
    meaning: "x / √(mean x² + ε)·scale",
    root: either(multiply(overRoot(rmsInput, meanSquare), any()), overRoot(rmsInput, meanSquare)),
  },
];

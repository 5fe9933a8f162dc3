import type { Graph, Op } from "../graph.ts";
import { broadcastsBack, sameAxes } from "./axes.ts";
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

/** How a normalization ends, with the ops in which the mean and the variance meet x again. */
interface Normalized {
  readonly root: Pattern;
  readonly broadcasting: readonly Pattern[];
}

function layerNorm(normalizedBy: (x: Pattern, mean: Pattern, variance: Pattern) => Normalized) {
  const x = any();
  const mean = unary("Mean", x);
  // The program may compute the difference twice, as tf.moments does.
  const difference = subtract(x, mean);
  const squaredDifference = binary("SquaredDifference", x, mean);
  const variance = unary("Mean", either(unary("Square", difference), squaredDifference));
  const { root, broadcasting } = normalizedBy(x, mean, variance);
  const all = [difference, squaredDifference, ...broadcasting];
  const when = (graph: Graph, opOf: (pattern: Pattern) => Op | undefined) =>
    sameAxes(graph, opOf(mean), opOf(variance)) && broadcastsBack(graph, opOf(mean), all.map(opOf));
  return { root, when };
}

const written = layerNorm((x, mean, variance) => {
  const difference = subtract(x, mean);
  const normalized = overRoot(difference, variance);
  return { root: affine(normalized), broadcasting: [difference, normalized] };
});

/** tf.layers.layerNormalization tiles everything to x's shape and calls the batch-norm kernel. */
const tiled = layerNorm((x, mean, variance) => {
  const [means, variances] = [unary("Tile", mean), unary("Tile", variance)];
  const root = op("FusedBatchNorm", {
    x,
    mean: means,
    variance: variances,
    scale: unary("Tile", any()),
    offset: unary("Tile", any()),
  });
  return { root, broadcasting: [means, variances] };
});

const rmsInput = any();
const meanSquare = unary("Mean", either(unary("Square", rmsInput), multiply(rmsInput, rmsInput)));
const rmsNormalized = overRoot(rmsInput, meanSquare);

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
    root: either(multiply(rmsNormalized, any()), rmsNormalized),
    when: (graph, opOf) => broadcastsBack(graph, opOf(meanSquare), [opOf(rmsNormalized)]),
  },
];

import type { Graph, Op, ValueId } from "../graph.ts";
import { valueAt } from "../graph.ts";
import { groupsOf } from "../passes/fuse.ts";
import { isOverLastAxis, reducedAxes } from "../patterns/axes.ts";
import { behindViews, definingOp } from "../patterns/match.ts";
import { normalizationPatterns } from "../patterns/normalization.ts";
import { sizeOf } from "../types.ts";
import { counted, shortBytes } from "../wording.ts";
import type { AdviceRule, Found } from "./advice-rule.ts";
import { opsOf, savedBy } from "./savings.ts";
import { authorOf } from "./whose.ts";

const PATTERNS = normalizationPatterns.filter(
  ({ name, form }) => name === "layer-norm" && form === undefined,
);

/**
 * Layer norms that a program writes out. What follows mean and variance is what the batch-norm
 * kernel computes, which broadcasts its operands on the WebGPU backend.
 */
export const writtenLayerNorms: AdviceRule = {
  name: "written-layer-norm",
  finds: "A layer norm or instance norm that is written out",
  advises: "`tf.batchNorm` with the mean and variance of each row, or of each channel",
  inTraining: false,
  find,
};

function find(graph: Graph): Found[] {
  return groupsOf(graph, PATTERNS).flatMap(({ ops }) => {
    const norm = partsOf(graph, opsOf(graph, ops));
    return norm === undefined || authorOf(graph, norm.root) !== "function"
      ? []
      : adviceOn(graph, norm);
  });
}

/** The parts of a layer norm: y = (x − mean) / √(variance + ε)·scale + offset. */
interface LayerNorm {
  readonly x: ValueId;
  readonly mean: Op;
  readonly variance: Op;
  /** One element per channel each. */
  readonly affine: readonly ValueId[];
  readonly root: Op;
  /** What comes after mean and variance. */
  readonly rest: readonly Op[];
}

function partsOf(graph: Graph, matched: readonly Op[]): LayerNorm | undefined {
  const ops = withoutOthers(graph, matched);
  const [mean, variance] = ops.filter(({ kernel }) => kernel === "Mean");
  const root = ops.at(-1);
  const x = mean?.operands["x"];
  if (mean === undefined || variance === undefined || root === undefined || x === undefined) {
    return undefined;
  }
  const before = ancestorsIn(graph, ops, variance).add(mean.id);
  const rest = ops.filter(({ id }) => !before.has(id));
  const inside = new Set(ops.map(({ id }) => id));
  const affine = rest
    .filter(({ kernel }) => kernel === "Add" || kernel === "Multiply")
    .flatMap(({ operands }) => Object.values(operands))
    .filter((value) => isPerChannel(graph, value, x, inside));
  const { shape, dtype } = valueAt(graph, x);
  const fits =
    shape.length <= 4 &&
    dtype === "float32" &&
    [mean, variance].every((op) => op.attrs["keepDims"] === true);
  return fits ? { x, mean, variance, affine, root, rest } : undefined;
}

/**
 * The ops of a group up to the first that adds, or multiplies by, what has not one element per
 * channel, such as a residual.
 */
function withoutOthers(graph: Graph, ops: readonly Op[]): readonly Op[] {
  const [mean, variance] = ops.filter(({ kernel }) => kernel === "Mean");
  const x = mean?.operands["x"];
  if (x === undefined) return ops;
  const inside = new Set(ops.flatMap(({ results }) => results));
  const isOther = (value: ValueId) =>
    value !== x && !inside.has(value) && !isOfChannels(graph, value, x);
  const first = ops.findIndex(({ kernel, operands }) => {
    const values = Object.values(operands);
    const isEpsilon = values.some((value) => variance?.results.includes(behindViews(graph, value)));
    return (kernel === "Add" || kernel === "Multiply") && !isEpsilon && values.some(isOther);
  });
  return first < 0 ? ops : ops.slice(0, first);
}

/** The ops of a group that an op depends on, and itself. */
function ancestorsIn(graph: Graph, ops: readonly Op[], op: Op): Set<number> {
  const inside = new Set(ops.map(({ id }) => id));
  const found = new Set([op.id]);
  for (const { id, operands } of [...ops].reverse()) {
    if (!found.has(id)) continue;
    for (const value of Object.values(operands)) {
      const maker = definingOp(graph, value);
      if (maker !== undefined && inside.has(maker.id)) found.add(maker.id);
    }
  }
  return found;
}

function isPerChannel(
  graph: Graph,
  value: ValueId,
  x: ValueId,
  inside: ReadonlySet<number>,
): boolean {
  const maker = definingOp(graph, behindViews(graph, value));
  const isOutside = maker === undefined || !inside.has(maker.id);
  return isOutside && isOfChannels(graph, value, x) && behindViews(graph, value) !== x;
}

/** Whether a value has one element for each channel of another. */
function isOfChannels(graph: Graph, value: ValueId, x: ValueId): boolean {
  const channels = valueAt(graph, x).shape.at(-1);
  const { shape } = valueAt(graph, value);
  return sizeOf(shape) === channels && shape.at(-1) === channels;
}

function adviceOn(graph: Graph, { x, mean, variance, affine, root, rest }: LayerNorm): Found {
  const rank = valueAt(graph, x).shape.length;
  // tf.batchNorm takes four dimensions, and scale and offset of as many as the mean.
  const reshaped = affine.filter((value) => valueAt(graph, value).shape.length !== rank).length;
  const saves = savedBy(graph, {
    removed: rest,
    added: [
      {
        reads: [x, ...mean.results, ...variance.results, ...affine],
        writes: root.results,
        dispatches: 1,
        like: root,
      },
    ],
    addedViews: (rank === 4 ? 1 : 2) + reshaped,
  });
  const isLayerNorm = isOverLastAxis(graph, mean);
  const axes = isLayerNorm ? "-1" : `[${reducedAxes(graph, mean).join(", ")}]`;
  const kernels = rest.filter(({ placement }) => placement !== "view").length;
  return {
    finding: `After its mean and variance, a ${isLayerNorm ? "layer norm" : `norm over the axes ${axes}`} runs as ${counted(kernels, "kernel")}; ${shortBytes(saves.bytesRead + saves.bytesWritten)} go to memory and back between them.`,
    remedy: `For inference on WebGPU, use tf.batchNorm(x, mean, variance, offset, scale, ε) with the mean and variance of tf.moments(x, ${axes}, true), and offset and scale of as many dimensions: one kernel, which broadcasts them. (tf's cpu backend does not, nor does the gradient.)`,
    scope: root.scope,
    ops: rest.map(({ id }) => id),
    saves,
  };
}

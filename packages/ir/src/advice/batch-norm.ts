import type { Graph, Op } from "../graph.ts";
import { valueAt } from "../graph.ts";
import { type Fold, foldsOf } from "../passes/fold-batchnorm.ts";
import { shortBytes } from "../wording.ts";
import type { AdviceRule, Found } from "./advice-rule.ts";
import { savedBy } from "./savings.ts";
import { authorOf } from "./whose.ts";

/** Batch norms whose scale and offset could be part of the weights of the op before them. */
export const foldableBatchNorms: AdviceRule = {
  name: "foldable-batch-norm",
  finds: "A batch norm after a convolution or matrix product",
  advises: "Fold it into the weights and the bias",
  inTraining: false,
  find,
};

function find(graph: Graph): Found[] {
  return foldsOf(graph).map((fold) => {
    const { batchNorm, contraction, bias, fused } = fold;
    const { offset, mean } = batchNorm.operands;
    const found = {
      scope: batchNorm.scope,
      ops: [contraction.id, batchNorm.id],
    };
    const runs = `A batch norm follows ${contraction.kernel} as a kernel of its own`;
    const how = remedyFor(graph, fold);
    if (how === undefined) return { ...found, finding: `${runs}: 1 could do both.` };
    // The new bias has the shape and the type of the offset, or of the mean.
    const newBias = bias === undefined ? (offset ?? mean) : undefined;
    const operands = Object.values(contraction.operands);
    const reads = newBias === undefined ? operands : [...operands, newBias];
    const saves = savedBy(graph, {
      removed: [contraction, batchNorm, ...reshapesAround(graph, batchNorm)],
      added: [
        {
          reads,
          writes: contraction.results,
          dispatches: contraction.dispatches.length,
          like: contraction,
        },
      ],
      addedViews: fused !== contraction.kernel && fused === "_FusedMatMul" ? 3 : 0,
    });
    const moved = shortBytes(saves.bytesRead + saves.bytesWritten);
    return { ...found, finding: `${runs}; ${moved} go to memory and back for it.`, ...how, saves };
  });
}

const FOLDING =
  "Fold the batch norm into the weights: with s = scale / √(variance + ε), multiply the weights by s along their output channels, and take (bias − mean)·s + offset as the bias";

function remedyFor(graph: Graph, { contraction }: Fold): { remedy: string } | undefined {
  const author = authorOf(graph, contraction);
  if (author === "node" || author === "gradient") return undefined;
  if (author === "function") {
    return { remedy: `${FOLDING}, of tf.fused.conv2d or its like.` };
  }
  switch (author.layer) {
    case "Conv2D":
    case "Dense":
      return {
        remedy: `${FOLDING}, in a model without tf.layers.batchNormalization there, whose layer before has useBias: true.`,
      };
    case "DepthwiseConv2D":
      return {
        remedy: `${FOLDING}, of a layer of your own that calls tf.fused.depthwiseConv2d: tf.layers.depthwiseConv2d adds its bias in a kernel of its own.`,
      };
    default:
      return undefined;
  }
}

/**
 * The reshapes of tf.batchNorm: of its result to the shape that it was given and, where that has not
 * four dimensions, of its operand to four.
 */
function reshapesAround(graph: Graph, batchNorm: Op): Op[] {
  const [before, after] = [graph.ops[batchNorm.id - 1], graph.ops[batchNorm.id + 1]];
  const { x } = batchNorm.operands;
  const [result] = batchNorm.results;
  if (after?.kernel !== "Reshape" || after.operands["x"] !== result) return [];
  const rank = valueAt(graph, after.results[0] ?? Number.NaN).shape.length;
  const isOwn = rank !== 4 && before?.kernel === "Reshape" && before.results[0] === x;
  return isOwn ? [before, after] : [after];
}

import type { Graph } from "../graph.ts";
import { foldsOf } from "../passes/fold-batchnorm.ts";
import { shortBytes } from "../wording.ts";
import type { Advice } from "./advice-rule.ts";
import { savedByFusing } from "./savings.ts";

/** Batch norms whose scale and offset could be part of the weights of the op before them. */
export function foldableBatchNorms(graph: Graph): Advice[] {
  return foldsOf(graph).map(({ batchNorm, contraction }) => {
    const saves = savedByFusing(graph, [contraction.id, batchNorm.id]);
    return {
      rule: "foldable-batch-norm",
      finding: `A batch norm follows ${contraction.kernel} as a kernel of its own; ${shortBytes(saves.bytes)} go to memory and back for it.`,
      remedy:
        "Fold batch norms into the weights and bias before them (the TensorFlow.js converter does so for graph models).",
      scope: batchNorm.scope,
      ops: [contraction.id, batchNorm.id],
      saves: { ...saves, ops: 1, dispatches: batchNorm.dispatches.length },
    };
  });
}

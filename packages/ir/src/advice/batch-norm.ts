import { uses } from "../analyses/uses.ts";
import { analyse } from "../analysis.ts";
import type { Graph } from "../graph.ts";
import { valueAt } from "../graph.ts";
import { CONTRACTIONS } from "../passes/kernel-classes.ts";
import { behindViews, definingOp } from "../patterns/match.ts";
import { shortBytes } from "../wording.ts";
import type { Advice } from "./advice-rule.ts";
import { savedByFusing } from "./savings.ts";

/** Batch norms whose scale and offset could be part of the weights of the op before them. */
export function foldableBatchNorms(graph: Graph): Advice[] {
  const { usersOf, isResult } = analyse(graph, uses);
  return graph.ops.flatMap((op) => {
    const { x, mean, variance, scale, offset } = op.operands;
    if (op.kernel !== "FusedBatchNorm" || x === undefined) return [];
    const statistics = [mean, variance, scale, offset].filter((id) => id !== undefined);
    const areGiven = statistics.every((id) => valueAt(graph, id).kind !== "result");
    const source = behindViews(graph, x);
    const contraction = definingOp(graph, source);
    if (!areGiven || contraction === undefined || !CONTRACTIONS.has(contraction.kernel)) return [];
    const activation = contraction.attrs["activation"] ?? "linear";
    const isOnlyUser = usersOf(source).length === 1 && !isResult(source);
    if (activation !== "linear" || !isOnlyUser) return [];
    const saves = savedByFusing(graph, [contraction.id, op.id]);
    return [
      {
        rule: "foldable-batch-norm",
        finding: `A batch norm follows ${contraction.kernel} as a kernel of its own; ${shortBytes(saves.bytes)} go to memory and back for it.`,
        remedy:
          "Fold batch norms into the weights and bias before them (the TensorFlow.js converter does so for graph models).",
        scope: op.scope,
        ops: [contraction.id, op.id],
        saves: { ...saves, ops: 1, dispatches: op.dispatches.length },
      },
    ];
  });
}

import type { Graph } from "../graph.ts";
import type { Advice, AdviceRule } from "./advice-rule.ts";
import { foldableBatchNorms } from "./batch-norm.ts";
import { overLimits } from "./limits.ts";
import { readBacks } from "./read-backs.ts";
import { transposePairs } from "./transposes.ts";
import { unfusedOps } from "./unfused.ts";

const RULES: readonly AdviceRule[] = [
  unfusedOps,
  foldableBatchNorms,
  transposePairs,
  readBacks,
  overLimits,
];

/**
 * What the user could change in a traced model. What saves the most bytes is first. The rules look
 * for what ran, so give the graph as it was recorded, not one that passes have changed.
 */
export function advise(graph: Graph): Advice[] {
  return RULES.flatMap((rule) => rule(graph)).sort(
    (a, b) =>
      b.saves.bytes - a.saves.bytes ||
      b.saves.dispatches - a.saves.dispatches ||
      (a.ops[0] ?? 0) - (b.ops[0] ?? 0),
  );
}

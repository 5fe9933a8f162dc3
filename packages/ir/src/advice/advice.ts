import type { Graph } from "../graph.ts";
import { recordingOf } from "../recording.ts";
import type { Advice, AdviceRule, Advised, Finding } from "./advice-rule.ts";
import { foldableBatchNorms } from "./batch-norm.ts";
import { unfusedContractions } from "./contraction.ts";
import { hostKernels } from "./host-kernels.ts";
import { overLimits } from "./limits.ts";
import { readBacks } from "./read-backs.ts";
import { decomposedSoftmaxes } from "./softmax.ts";
import { tiledLayerNorms } from "./tiled-layer-norm.ts";
import { transposePairs } from "./transposes.ts";
import { writtenLayerNorms } from "./written-layer-norm.ts";

const RULES: readonly AdviceRule[] = [hostKernels, transposePairs, readBacks, overLimits];

/** In training, gradients need what fused kernels do not keep. */
const INFERENCE_RULES: readonly AdviceRule[] = [
  unfusedContractions,
  decomposedSoftmaxes,
  foldableBatchNorms,
  tiledLayerNorms,
  writtenLayerNorms,
];

/**
 * What the user can change in a traced model, and what was found that has no remedy. The rules look
 * for what ran, so give the graph as it was recorded, not one that passes have changed.
 */
export function advise(graph: Graph): Advised {
  const isTraining = recordingOf(graph)?.isTraining === true;
  const rules = isTraining ? RULES : [...RULES, ...INFERENCE_RULES];
  const found = rules.flatMap((rule) => rule(graph));
  const byPlace = (a: Finding, b: Finding) => (a.ops[0] ?? 0) - (b.ops[0] ?? 0);
  return {
    advice: found.filter(isAdvice).sort((a, b) => compareSavings(a, b) || byPlace(a, b)),
    findings: found.filter((each) => !isAdvice(each)).sort(byPlace),
  };
}

function isAdvice(found: Advice | Finding): found is Advice {
  return "remedy" in found;
}

/** The time where it is known; else what stops a pass longest: uploads, waits, then traffic. */
function compareSavings({ saves: a }: Advice, { saves: b }: Advice): number {
  return (
    (b.milliseconds ?? 0) - (a.milliseconds ?? 0) ||
    b.bytesUploaded - a.bytesUploaded ||
    b.waits - a.waits ||
    b.bytesRead + b.bytesWritten - a.bytesRead - a.bytesWritten ||
    b.dispatches - a.dispatches
  );
}

import type { Graph } from "../graph.ts";
import type { Advice, AdviceRule, Advised, Finding } from "./advice-rule.ts";
import { foldableBatchNorms } from "./batch-norm.ts";
import { unfusedContractions } from "./contraction.ts";
import { convolutionScratch } from "./convolution-scratch.ts";
import { hostKernels } from "./host-kernels.ts";
import { idleTransposes } from "./idle-transposes.ts";
import { overLimits } from "./limits.ts";
import { readBacks } from "./read-backs.ts";
import { repeatedUploads } from "./repeated-uploads.ts";
import { shortDispatches } from "./short-dispatches.ts";
import { decomposedSoftmaxes } from "./softmax.ts";
import { tileGradients } from "./tile-gradients.ts";
import { tiledLayerNorms } from "./tiled-layer-norm.ts";
import { tiledOperands } from "./tiled-operands.ts";
import { isAdvice, together } from "./together.ts";
import { transposedOperands } from "./transposed-operands.ts";
import { transposePairs } from "./transposes.ts";
import { uncompiledShaders } from "./uncompiled-shaders.ts";
import { unusedResults } from "./unused-results.ts";
import { takesGradients } from "./whose.ts";
import { wideWeights } from "./wide-weights.ts";
import { writtenGelus } from "./written-gelu.ts";
import { writtenLayerNorms } from "./written-layer-norm.ts";

/** Every rule, those first that save the most where they find something. */
export const ADVICE_RULES: readonly AdviceRule[] = [
  hostKernels,
  tiledLayerNorms,
  writtenLayerNorms,
  foldableBatchNorms,
  unfusedContractions,
  writtenGelus,
  decomposedSoftmaxes,
  idleTransposes,
  transposePairs,
  transposedOperands,
  tiledOperands,
  repeatedUploads,
  unusedResults,
  readBacks,
  tileGradients,
  convolutionScratch,
  shortDispatches,
  uncompiledShaders,
  wideWeights,
  overLimits,
];

/**
 * What the user can change in a traced model, and what was found that has no remedy. The rules look
 * for what ran, so give the graph as it was recorded, not one that passes have changed.
 */
export function advise(graph: Graph): Advised {
  const isTraining = takesGradients(graph);
  const rules = ADVICE_RULES.filter(({ inTraining }) => inTraining !== false || !isTraining);
  const found = rules.flatMap(({ name, find, inTraining }) =>
    find(graph).map((place): Advice | Finding => {
      const isOfForward = isTraining && inTraining === "forward" && "saves" in place;
      const saves = isOfForward ? { saves: { ...place.saves, of: inTraining } } : {};
      return { rule: name, ...place, ...saves };
    }),
  );
  const byPlace = (a: Finding, b: Finding) => (a.ops[0] ?? 0) - (b.ops[0] ?? 0);
  return {
    advice: together(found.filter(isAdvice)).sort(
      (a, b) => wrongFirst(a, b) || compareSavings(a, b) || byPlace(a, b),
    ),
    findings: together(found.filter((each) => !isAdvice(each))).sort(byPlace),
  };
}

/** What computes wrong values comes before what costs time. */
function wrongFirst(a: Advice, b: Advice): number {
  const isWrong = ({ rule }: Advice) => Number(rule === uncompiledShaders.name);
  return isWrong(b) - isWrong(a);
}

/** The time where it is known; else what stops a pass longest: uploads, waits, then traffic. */
function compareSavings({ saves: a }: Advice, { saves: b }: Advice): number {
  return (
    (b.milliseconds ?? 0) - (a.milliseconds ?? 0) ||
    b.bytesUploaded - a.bytesUploaded ||
    b.waits - a.waits ||
    b.bytesRead + b.bytesWritten - a.bytesRead - a.bytesWritten ||
    b.dispatches - a.dispatches ||
    (b.bytesStored ?? 0) - (a.bytesStored ?? 0)
  );
}

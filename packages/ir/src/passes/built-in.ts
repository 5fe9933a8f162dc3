import type { Pass } from "../pass/pass.ts";
import { dispatchSummaryPass, livenessPass } from "./analyses.ts";
import { canonicalize } from "./canonicalize.ts";
import { foldBatchNorm } from "./fold-batchnorm.ts";
import { fuse } from "./fuse.ts";
import { shapes } from "./shapes.ts";

/** Every built-in pass, in the usual order of a pipeline. */
export const BUILT_IN_PASSES: readonly Pass[] = [
  canonicalize,
  shapes,
  foldBatchNorm,
  fuse,
  livenessPass,
  dispatchSummaryPass,
];

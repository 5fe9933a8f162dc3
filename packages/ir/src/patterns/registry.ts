import { activationPatterns } from "./activation.ts";
import { attentionPatterns } from "./attention.ts";
import { normalizationPatterns } from "./normalization.ts";
import type { FusionPattern } from "./pattern.ts";
import { softmaxPatterns } from "./softmax.ts";

/** Every pattern that `fuse` tries, the ones that may contain others first. */
export const FUSION_PATTERNS: readonly FusionPattern[] = [
  ...attentionPatterns,
  ...normalizationPatterns,
  ...softmaxPatterns,
  ...activationPatterns,
];

/** What `fuse` recognises, by name. */
export const PATTERN_NAMES: ReadonlySet<string> = new Set(FUSION_PATTERNS.map(({ name }) => name));

import {
  add,
  any,
  divide,
  either,
  type FusionPattern,
  multiply,
  op,
  type Pattern,
  scalar,
} from "./pattern.ts";
import { softmaxOverLastAxis } from "./softmax.ts";

const product = (a: Pattern, b: Pattern) => op(["BatchMatMul", "_FusedMatMul"], { a, b });

const scores = product(any(), any());
const scaled = either(divide(scores, scalar()), multiply(scores, scalar()), scores);
const masked = either(add(scaled, any()), scaled);

const weights = softmaxOverLastAxis(masked);
const weighted = product(weights.root, any());

export const attentionPatterns: readonly FusionPattern[] = [
  {
    name: "attention",
    meaning: "softmax(q·kᵀ / √d + mask)·v, with or without scale and mask",
    root: weighted,
    when: (graph, opOf) =>
      weights.when(graph, opOf) && opOf(weighted)?.attrs["transposeA"] !== true,
  },
];

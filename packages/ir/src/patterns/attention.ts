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
import { softmaxOf } from "./softmax.ts";

const product = (a: Pattern, b: Pattern) => op(["BatchMatMul", "_FusedMatMul"], { a, b });

const scores = product(any(), any());
const scaled = either(divide(scores, scalar()), multiply(scores, scalar()), scores);
const masked = either(add(scaled, any()), scaled);

export const attentionPatterns: readonly FusionPattern[] = [
  {
    name: "attention",
    meaning: "softmax(q·kᵀ / √d + mask)·v, with or without scale and mask",
    root: product(softmaxOf(masked), any()),
  },
];

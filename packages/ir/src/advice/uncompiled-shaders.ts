import { uncompiledDType } from "../uncompiled.ts";
import type { AdviceRule } from "./advice-rule.ts";

/** Ops that a real device refuses, since their shader does not compile. */
export const uncompiledShaders: AdviceRule = {
  name: "uncompiled-shader",
  finds: "A kernel whose WGSL does not compile for the dtype of its operand",
  inTraining: true,
  find: (graph) =>
    graph.ops.flatMap((op) => {
      const dtype = uncompiledDType(graph, op);
      if (dtype === undefined) return [];
      return [
        {
          finding: `${op.kernel} of ${dtype} does not compile on a real device, so its result is wrong there. Multiply by tf.scalar(1) before it, which makes it float32 as tf.cast does not, and cast back after it, where 24 bits are enough.`,
          scope: op.scope,
          ops: [op.id],
        },
      ];
    }),
};

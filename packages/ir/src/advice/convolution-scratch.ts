import type { Graph, Op } from "../graph.ts";
import { shortBytes } from "../wording.ts";
import type { AdviceRule, Found } from "./advice-rule.ts";
import { bytesOfEach } from "./savings.ts";

/**
 * Convolutions that copy each window of their input into scratch memory, where that takes more than
 * all they read and write. tfjs does so where a convolution would run in few workgroups. Source:
 * `conv2dWithIm2Col` in Conv2D_impl.ts of tfjs-backend-webgpu 4.22.
 */
export const convolutionScratch: AdviceRule = {
  name: "convolution-scratch",
  finds: "A convolution whose scratch memory (im2col) outweighs it",
  inTraining: true,
  find: (graph) => graph.ops.flatMap((op) => findingOn(graph, op) ?? []),
};

function findingOn(graph: Graph, op: Op): Found | undefined {
  const im2col = op.dispatches.find(({ program }) => program === "Im2ColProgram");
  // The first buffer that is bound is the result.
  const scratch = im2col?.buffers?.[0] ?? 0;
  const moved = bytesOfEach(graph, [...Object.values(op.operands), ...op.results]);
  if (scratch <= moved) return undefined;
  return {
    finding: `${op.kernel} writes ${shortBytes(scratch)} of scratch memory, ${(scratch / moved).toPrecision(2)} times what it takes and gives. With the flag WEBGPU_THRESHOLD_TO_INCREASE_WORKGROUPS_FOR_MATMUL at 0 it needs none, but runs in fewer workgroups: measure which is faster.`,
    scope: op.scope,
    ops: [op.id],
  };
}

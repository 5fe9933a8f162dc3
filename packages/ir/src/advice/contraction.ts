import type { Graph, Op } from "../graph.ts";
import { counted, shortBytes } from "../wording.ts";
import type { AdviceRule, Found } from "./advice-rule.ts";
import { type Remedy, remedyFor } from "./contraction-remedies.ts";
import { type Epilogue, epilogueOf } from "./epilogue.ts";
import { type Change, savedBy } from "./savings.ts";

/** A convolution or matrix product, a bias and an activation that run as separate kernels. */
export const unfusedContractions: AdviceRule = {
  name: "unfused-contraction",
  finds: "A convolution or matrix product whose bias or activation is a kernel of its own",
  advises:
    "`tf.fused.conv2d`, `tf.fused.depthwiseConv2d`, `tf.fused.matMul`, or the `activation` of the layer where it fuses it",
  inTraining: false,
  find,
};

function find(graph: Graph): Found[] {
  return graph.ops.flatMap((contraction) => {
    const epilogue = epilogueOf(graph, contraction);
    const all = workOf(epilogue);
    if (all.length === 0) return [];
    const remedy = remedyFor(graph, contraction, epilogue);
    const taken = remedy === undefined ? all : workOf(remedy.fuses);
    const ops = [contraction, ...taken];
    const found = {
      scope: contraction.scope,
      ops: ops.map(({ id }) => id),
    };
    const names = taken.map(({ kernel }) => kernel).join(" and ");
    const runs = `${contraction.kernel} and then ${names} run as ${counted(ops.length, "kernel")}`;
    if (remedy === undefined) return [{ ...found, finding: `${runs}, where tfjs has 1.` }];
    const saves = savedBy(graph, changeOf(contraction, remedy));
    const moved = shortBytes(saves.bytesRead + saves.bytesWritten);
    return [
      {
        ...found,
        finding: `${runs}; ${moved} go to memory and back between them.`,
        remedy: remedy.text,
        saves,
      },
    ];
  });
}

/** The ops that a fused kernel would do besides the contraction. */
function workOf({ bias, activation, clip }: Epilogue): Op[] {
  return [bias?.add, activation, clip].filter((op) => op !== undefined);
}

function changeOf(contraction: Op, { fuses, addedViews }: Remedy): Change {
  const { bias, activation, clip } = fuses;
  const last = clip ?? activation ?? bias?.add ?? contraction;
  const operands = Object.values(contraction.operands);
  const { x: _, ...others } = activation?.operands ?? {};
  const reads = new Set([...operands, bias?.value ?? [], Object.values(others)].flat());
  return {
    removed: [contraction, ...(bias?.views ?? []), ...workOf(fuses)],
    added: [
      {
        reads: [...reads],
        writes: last.results,
        dispatches: contraction.dispatches.length + lateEpilogues(contraction),
        like: contraction,
      },
    ],
    addedViews,
  };
}

/**
 * A product that is split along its inner dimension sums in several workgroups, so tfjs adds bias
 * and activation in one more dispatch: see BatchMatMul_impl.ts of its WebGPU backend.
 */
function lateEpilogues({ dispatches, operands }: Op): number {
  const isSplit = dispatches.some(({ program }) => program === "MatMulSplitKProgram");
  return isSplit && !("bias" in operands) ? 1 : 0;
}

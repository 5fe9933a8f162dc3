import type { Graph, Group, Op } from "../graph.ts";
import { contractionOf, workOf } from "../kernels/registry.ts";
import { fuse } from "../passes/fuse.ts";
import { counted, shortBytes } from "../wording.ts";
import type { Advice } from "./advice-rule.ts";
import { opsOf, savedByFusing } from "./savings.ts";

/** Ops that run as several kernels although tfjs has one kernel for them. */
export function unfusedOps(graph: Graph): Advice[] {
  // The groups of passes do not count here: the advice is about what the user wrote.
  const { groups } = fuse.run({ ...graph, groups: [] }, { options: undefined });
  return groups.flatMap((group) => [
    ...unfusedContraction(graph, group),
    ...writtenOut(graph, group),
  ]);
}

/** A convolution or matrix product, a bias and an activation that run as separate kernels. */
function unfusedContraction(graph: Graph, { pattern, ops }: Group): Advice[] {
  if (pattern !== "contraction") return [];
  const working = opsOf(graph, ops).filter(({ placement }) => placement !== "view");
  const at = working.findIndex(({ kernel }) => contractionOf(kernel) !== undefined);
  const contraction = working[at];
  if (contraction === undefined || !canFuse(contraction)) return [];
  const fusable = epilogue(working.slice(at + 1));
  if (fusable.length === 0) return [];
  const ids = [contraction, ...fusable].map(({ id }) => id);
  const last = Math.max(...ids);
  const between = ops.filter((id) => id > contraction.id && id < last);
  const saves = savedByFusing(
    graph,
    [...new Set([...ids, ...between])].sort((a, b) => a - b),
  );
  const names = fusable.map(({ kernel }) => kernel).join(" and ");
  return [
    {
      rule: "unfused-contraction",
      finding: `${contraction.kernel} and then ${names} run as ${counted(ids.length, "kernel")}; ${shortBytes(saves.bytes)} go to memory and back between them.`,
      remedy: remedyFor(graph, contraction),
      scope: contraction.scope,
      ops: ids,
      saves,
    },
  ];
}

/** Whether tfjs has a fused kernel that could also do what follows. */
function canFuse({ kernel, attrs, operands }: Op): boolean {
  const fused = contractionOf(kernel)?.fused ?? null;
  if (fused !== kernel) return fused !== null;
  return attrs["activation"] === "linear" && !("preluActivationWeights" in operands);
}

/** The bias and the activation that follow, if a fused kernel can do them. */
function epilogue(following: readonly Op[]): Op[] {
  const taken: Op[] = [];
  const [first, second] = following;
  if (first?.kernel === "Add") taken.push(first);
  const next = taken.length === 1 ? second : first;
  if (next !== undefined && isActivation(next)) taken.push(next);
  return taken;
}

function isActivation({ kernel }: Op): boolean {
  const work = workOf(kernel);
  return work?.kind === "elementwise" && work.activation;
}

function remedyFor(graph: Graph, { kernel, call }: Op): string {
  const inLayer = call !== undefined && graph.calls[call]?.kind === "layer";
  if (kernel.includes("Depthwise")) {
    const how = inLayer
      ? "a layer of your own with tf.fused.depthwiseConv2d"
      : "tf.fused.depthwiseConv2d";
    return `Use ${how}, which takes bias and activation; tf.layers.depthwiseConv2d never fuses them.`;
  }
  const [api, layer] = kernel.includes("MatMul")
    ? ["tf.fused.matMul", "tf.layers.dense"]
    : ["tf.fused.conv2d", "tf.layers.conv2d"];
  // A layer with an activation that it cannot fuse, such as softmax, does not fuse its bias either.
  return inLayer && !kernel.includes("Fused")
    ? `Give the activation to a layer of its own, such as tf.layers.activation: ${layer} adds the bias in its kernel only if it can also do the activation there (relu, relu6, elu, sigmoid).`
    : `Use ${api} with bias and activation, or the activation option of ${layer}.`;
}

/** A softmax that runs as its parts. For the other patterns tfjs has no kernel. */
function writtenOut(graph: Graph, { pattern, ops }: Group): Advice[] {
  const working = opsOf(graph, ops).filter(({ placement }) => placement !== "view");
  const [first] = working;
  if (pattern !== "softmax" || first === undefined) return [];
  const saves = savedByFusing(graph, ops);
  return [
    {
      rule: "decomposed-softmax",
      finding: `A softmax runs as ${counted(working.length, "kernel")}; ${shortBytes(saves.bytes)} go to memory and back between them.`,
      remedy: "Use tf.softmax, which is one kernel.",
      scope: first.scope,
      ops,
      saves,
    },
  ];
}

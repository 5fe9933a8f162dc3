import type { Graph } from "../graph.ts";
import { valueAt } from "../graph.ts";
import { behindViews, definingOp } from "../patterns/match.ts";
import { bytesOf } from "../types.ts";
import type { Advice } from "./advice.ts";
import { formatBytes } from "./savings.ts";

/** Ops that run on the host with values from the device, which waits meanwhile. */
export function readBacks(graph: Graph): Advice[] {
  return graph.ops.flatMap((op) => {
    if (op.placement !== "cpu") return [];
    const values = [...new Set(Object.values(op.operands))].filter(
      (value) => definingOp(graph, behindViews(graph, value))?.placement === "gpu",
    );
    if (values.length === 0) return [];
    const bytes = values.reduce((total, value) => total + bytesOf(valueAt(graph, value)), 0);
    return [
      {
        rule: "read-back",
        finding: `${op.kernel} runs on the CPU and reads ${formatBytes(bytes)} back from the GPU in mid-pass, which waits until all work before is done.`,
        remedy: "Keep it on the GPU, or do it after the pass on what the model returns.",
        scope: op.scope,
        ops: [op.id],
        saves: { ops: 0, dispatches: 0, bytes },
      },
    ];
  });
}

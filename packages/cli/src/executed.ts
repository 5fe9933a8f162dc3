import type { WorkCache } from "@opcounter/executed";
import type { Graph } from "@opcounter/ir/core";
import type { ExecutedReport } from "./executed/report.ts";

export type { ExecutedCost, ExecutedOp, ExecutedReport } from "./executed/report.ts";
export type { Waste } from "./executed/waste.ts";

export interface ExecutedOptions {
  /** Keeps what was counted, so that the same work is not counted again; a Map is one. */
  readonly cache?: WorkCache;
}

/**
 * Counts what the shaders of a graph really execute, in their WGSL, with no GPU: operations, bytes as
 * they are loaded and stored, barriers, and work that has no result.
 *
 * ```ts
 * const { total } = await executed(await trace(model, [image]));
 * console.log(total.products / Number(total.macs));
 * ```
 *
 * @param graph as `trace` gives it. A graph that a pass made has no shaders.
 */
export async function executed(
  graph: Graph,
  { cache }: ExecutedOptions = {},
): Promise<ExecutedReport> {
  const { executedReport } = await import("./executed/report.ts");
  return executedReport(graph, cache);
}

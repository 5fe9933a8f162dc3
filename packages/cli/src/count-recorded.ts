import { type CostReport, type CountOptions, count } from "@opcounter/counters";
import { type Graph, recordingOf, runPasses } from "@opcounter/ir";
import { passRegistry } from "./passes.ts";
import type { MergedPlugins } from "./plugin.ts";

/** What was counted, and the graph that passes made for it. */
export interface CountedGraph {
  readonly graph: Graph;
  readonly report: CostReport;
}

/** Runs the passes that the options name over a recorded graph, and counts what results. */
export function countRecorded(
  recorded: Graph,
  plugins: MergedPlugins,
  options: Omit<CountOptions, "counters" | "costs"> & { readonly passes?: string },
): CountedGraph {
  const { passes } = options;
  const graph =
    passes === undefined
      ? recorded
      : runPasses(recorded, passes, { registry: passRegistry(plugins) });
  const recording = recordingOf(recorded);
  const { counters, costs } = plugins;
  const report = count(graph, { recording, ...options, counters, costs });
  return { graph, report };
}

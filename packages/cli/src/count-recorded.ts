import { type CostReport, type CountOptions, count } from "@opcounter/counters";
import { type Graph, runPasses } from "@opcounter/ir";
import { passRegistry } from "./passes.ts";
import type { MergedPlugins } from "./plugin.ts";

/** A report, and the graph that it is about. */
export interface CountedGraph {
  readonly graph: Graph;
  readonly report: CostReport;
}

/** Runs the passes of the options over a recorded graph, and counts the resulting graph. */
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
  const { counters, costs } = plugins;
  const report = count(graph, { recorded, ...options, counters, costs });
  return { graph, report };
}

import { type CostReport, type CountOptions, count } from "@opcounter/counters";
import type { Graph } from "@opcounter/ir";
import type { MergedPlugins } from "./plugin.ts";

/** A report, and the graph that it is about. */
export interface CountedGraph {
  readonly graph: Graph;
  readonly report: CostReport;
}

/** How a recorded graph is counted, but for what plugins have. */
export type CountingRules = Omit<CountOptions, "counters" | "costs"> & { readonly passes?: string };

/**
 * Runs the passes of the options over a recorded graph, and counts the resulting graph. Passes, and
 * zod with them, are loaded where there are any.
 */
export async function countRecorded(
  recorded: Graph,
  plugins: MergedPlugins,
  options: CountingRules,
): Promise<CountedGraph> {
  const { passes } = options;
  const graph =
    passes === undefined
      ? recorded
      : (await import("./passes.ts")).runAllPasses(recorded, passes, plugins);
  const { counters, costs } = plugins;
  return { graph, report: count(graph, { recorded, ...options, counters, costs }) };
}

import { type CostReport, count, findConvention, NATIVE } from "@opcounter/counters";
import {
  BUILT_IN_PASSES,
  createPassRegistry,
  definePass,
  type Graph,
  type PassRegistry,
  runPasses,
} from "@opcounter/ir";
import * as z from "zod";
import { type MergedPlugins, mergePlugins } from "./plugin.ts";

/** The reports of the pass `count`, by graph. */
const reports = new WeakMap<Graph, CostReport>();

/** The report of the last `count` pass over a graph. */
export function reportOf(graph: Graph): CostReport | undefined {
  return reports.get(graph);
}

/**
 * Counts the graph at this point of the pipeline, by the plugins' rules too. It does not change the
 * graph.
 */
const countPass = ({ counters, costs, conventions }: MergedPlugins) =>
  definePass({
    name: "count",
    summary: "Counts what the graph costs, by a convention: count{convention=native, strict=true}.",
    readsOnly: true,
    options: () =>
      z.strictObject({
        convention: z.string().default(NATIVE),
        strict: z.boolean().default(false),
      }),
    run(graph, { options: { convention, strict } }) {
      const chosen = findConvention(convention, conventions);
      reports.set(graph, count(graph, { convention: chosen, counters, costs, strict }));
      return graph;
    },
  });

/** The built-in passes and the plugins' own, registered in the same way. */
export function passRegistry(plugins: MergedPlugins = mergePlugins([])): PassRegistry {
  return createPassRegistry([...BUILT_IN_PASSES, countPass(plugins), ...plugins.passes]);
}

/** Runs a pipeline of the built-in passes and the plugins'. */
export function runAllPasses(graph: Graph, pipeline: string, plugins: MergedPlugins): Graph {
  return runPasses(graph, pipeline, { registry: passRegistry(plugins) });
}

import { BUILT_IN_PASSES, createPassRegistry, type Graph, runPasses } from "@opcounter/ir";
import type { MergedPlugins } from "./plugin.ts";

/** Runs a pipeline of built-in passes and the plugins' own. */
export function runPipeline(graph: Graph, pipeline: string, plugins: MergedPlugins): Graph {
  const registry = createPassRegistry([...BUILT_IN_PASSES, ...plugins.passes]);
  return runPasses(graph, pipeline, { registry });
}

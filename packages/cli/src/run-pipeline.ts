import {
  BUILT_IN_PASSES,
  createPassRegistry,
  type Graph,
  type Pass,
  runPasses,
} from "@opcounter/ir";

/** Runs a pipeline of built-in passes and the user's own. */
export function runPipeline(graph: Graph, pipeline: string, own: readonly Pass[]): Graph {
  const registry = createPassRegistry([...BUILT_IN_PASSES, ...own]);
  return runPasses(graph, pipeline, { registry });
}

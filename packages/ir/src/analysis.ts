import type { Graph } from "./graph.ts";

/** Something a graph tells about itself, computed once a graph: lifetimes, users of each value. */
export interface Analysis<T> {
  readonly name: string;
  /** A pure function of the graph. */
  readonly run: (graph: Graph) => T;
}

const results = new WeakMap<Graph, Map<Analysis<unknown>, unknown>>();

/** The analysis of a graph; the second time it is asked for it is not computed again. */
export function analyse<T>(graph: Graph, analysis: Analysis<T>): T {
  let known = results.get(graph);
  if (known === undefined) {
    known = new Map();
    results.set(graph, known);
  }
  if (!known.has(analysis)) known.set(analysis, analysis.run(graph));
  // Sound: what is kept under an analysis is what its own `run` returned.
  return known.get(analysis) as T;
}

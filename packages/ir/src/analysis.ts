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

/** The name of something a pass states of a graph, typed by what is stated. See `annotate`. */
export interface Annotation<T> {
  readonly name: string;
  /** Only for the type; never there. */
  readonly type?: T;
}

const annotations = new WeakMap<Graph, Map<Annotation<unknown>, unknown>>();

/** States something of a graph that is no pure function of it: what a pass with options found. */
export function annotate<T>(graph: Graph, annotation: Annotation<T>, value: T): void {
  let known = annotations.get(graph);
  if (known === undefined) {
    known = new Map();
    annotations.set(graph, known);
  }
  known.set(annotation, value);
}

/** What was stated of a graph last; undefined where nothing was. */
export function annotationOf<T>(graph: Graph, annotation: Annotation<T>): T | undefined {
  // Sound: what is kept under an annotation was given to `annotate` with it.
  return annotations.get(graph)?.get(annotation) as T | undefined;
}

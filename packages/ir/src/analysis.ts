import type { Graph, ValueId } from "./graph.ts";

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
  /**
   * What holds of a graph that a pass made of this one; without it nothing does. `renamed` gives the
   * id that an input, parameter or constant has there, if it is there.
   */
  carry?(value: T, renamed: (id: ValueId) => ValueId | undefined): T;
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

/** States of a graph that a pass made what was stated of the graph before and still holds. */
export function carryAnnotations(
  from: Graph,
  to: Graph,
  renamed: (id: ValueId) => ValueId | undefined,
): void {
  for (const [annotation, value] of annotations.get(from) ?? []) {
    if (annotation.carry !== undefined && annotationOf(to, annotation) === undefined) {
      annotate(to, annotation, annotation.carry(value, renamed));
    }
  }
}

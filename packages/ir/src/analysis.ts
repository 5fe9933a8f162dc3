import type { Graph, Group, ValueId } from "./graph.ts";

/** A fact that follows from a graph, such as the users of each value. Computed once per graph. */
export interface Analysis<T> {
  readonly name: string;
  /** Whether it is the same whatever the graph's groups are; see `withGroups`. */
  readonly ignoresGroups?: true;
  /** A pure function of the graph. */
  readonly run: (graph: Graph) => T;
}

/** What is kept with a graph: results by analysis, and what was attached by annotation. */
type Kept = Map<Analysis<unknown> | Annotation<unknown>, unknown>;

const KEPT = Symbol("kept");

/** By graph that the program has frozen. */
const keptOfFrozen = new WeakMap<Graph, Kept>();

/**
 * What is kept with this graph: a property of it, which copies and comparisons leave out. In a weak
 * map it would keep the graph for longer: when V8 collects young garbage, it takes all that a weak
 * map holds for alive.
 */
function keptWith(graph: Graph & { readonly [KEPT]?: Kept }): Kept {
  const known = graph[KEPT] ?? keptOfFrozen.get(graph);
  if (known !== undefined) return known;
  const value: Kept = new Map();
  if (!Reflect.defineProperty(graph, KEPT, { value })) keptOfFrozen.set(graph, value);
  return value;
}

/** The result of an analysis of a graph. It is computed on the first call and then kept. */
export function analyse<T>(graph: Graph, analysis: Analysis<T>): T {
  const kept = keptWith(graph);
  if (!kept.has(analysis)) kept.set(analysis, analysis.run(graph));
  // Sound: what is kept under an analysis is what its own `run` returned.
  return kept.get(analysis) as T;
}

/**
 * The graph with other groups. Analyses that ignore groups are not computed again: the users of each
 * value, say.
 */
export function withGroups(graph: Graph, groups: readonly Group[]): Graph {
  const grouped = { ...graph, groups };
  for (const [key, value] of keptWith(graph)) {
    if ("ignoresGroups" in key) keptWith(grouped).set(key, value);
  }
  return grouped;
}

/** The key of what a pass found out about a graph, typed by it. See `annotate`. */
export interface Annotation<T> {
  readonly name: string;
  /** Holds the type only; no annotation has this property. */
  readonly type?: T;
  /**
   * Gives what is still true of a graph that a pass made from this one. Without it the annotation
   * is dropped. `renamed` gives the new id of an input, parameter or constant, if it still exists.
   */
  carry?(value: T, renamed: (id: ValueId) => ValueId | undefined): T;
}

/**
 * Attaches to a graph what does not follow from it alone, such as what a pass with options found.
 */
export function annotate<T>(graph: Graph, annotation: Annotation<T>, value: T): void {
  keptWith(graph).set(annotation, value);
}

/** What was last attached to a graph; undefined where nothing was. */
export function annotationOf<T>(graph: Graph, annotation: Annotation<T>): T | undefined {
  // Sound: what is kept under an annotation was given to `annotate` with it.
  return keptWith(graph).get(annotation) as T | undefined;
}

/** Attaches to the graph after a pass what was attached before it and is still true. */
export function carryAnnotations(
  from: Graph,
  to: Graph,
  renamed: (id: ValueId) => ValueId | undefined,
): void {
  const kept = keptWith(to);
  for (const [key, value] of keptWith(from)) {
    if ("carry" in key && key.carry && !kept.has(key)) kept.set(key, key.carry(value, renamed));
  }
}

import type { Graph, ValueId } from "@opcounter/ir";

const recorded = new WeakMap<Graph, readonly ValueId[]>();

/**
 * The values that were read back from the device while a graph was recorded, in order; a value
 * that was read twice is there once, since tfjs keeps what it has read. Empty for a graph that was
 * not recorded, and on the virtual device, where there is nothing to read.
 */
export function recordedReads(graph: Graph): readonly ValueId[] {
  return recorded.get(graph) ?? [];
}

/** Keeps the reads with the graph that was recorded meanwhile. */
export function keepReads(graph: Graph, reads: readonly ValueId[]): void {
  recorded.set(graph, reads);
}

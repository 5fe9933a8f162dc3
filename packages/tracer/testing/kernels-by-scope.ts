import { formatScope, type Graph } from "@opcounter/ir";

/** What a graph runs, op by op: `block/conv: Conv2D`. */
export function kernelsByScope(graph: Graph): string[] {
  return graph.ops.map(({ kernel, scope }) => `${formatScope(scope)}: ${kernel}`);
}

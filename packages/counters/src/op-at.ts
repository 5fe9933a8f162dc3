import type { Graph, Op, OpId } from "@opcounter/ir/core";

/**
 * The op with this id.
 *
 * @throws RangeError where the graph has none.
 */
export function opAt(graph: Graph, id: OpId): Op {
  const op = graph.ops[id];
  if (op === undefined) {
    throw new RangeError(`graph "${graph.name}" has no op ${id} (it has ${graph.ops.length})`);
  }
  return op;
}

import { uses } from "../analyses/uses.ts";
import { analyse } from "../analysis.ts";
import type { Graph, Op, OpId, ValueId } from "../graph.ts";
import { valueAt } from "../graph.ts";
import { bytesOf } from "../types.ts";
import type { Savings } from "./advice-rule.ts";

/** The ops with these ids. */
export function opsOf(graph: Graph, ids: readonly OpId[]): Op[] {
  return ids.map((id) => graph.ops[id]).filter((op) => op !== undefined);
}

/**
 * What running ops as one kernel saves: all ops but one, all dispatches but one, and the values
 * that one makes for another, which are no longer written and read. Views count for nothing.
 */
export function savedByFusing(graph: Graph, ids: readonly OpId[]): Savings {
  const inside = new Set(ids);
  const working = opsOf(graph, ids).filter(({ placement }) => placement !== "view");
  const dispatches = working.reduce((total, op) => total + op.dispatches.length, 0);
  let bytes = 0;
  for (const op of working) {
    for (const value of op.results) {
      const readers = readersOf(graph, value);
      const within = readers.filter((reader) => reader !== OUTSIDE && inside.has(reader));
      const staysInside = within.length > 0 && within.length === readers.length;
      bytes += (within.length + (staysInside ? 1 : 0)) * bytesOf(valueAt(graph, value));
    }
  }
  return {
    ops: Math.max(0, working.length - 1),
    dispatches: Math.max(0, dispatches - 1),
    bytes,
  };
}

/** Whoever the graph returns a value to. */
const OUTSIDE = -1;

/** Who reads a value's memory: the ops that use it or a view of it, and `OUTSIDE`. */
function readersOf(graph: Graph, value: ValueId): OpId[] {
  const { usersOf, isResult } = analyse(graph, uses);
  const readers = [...usersOf(value)].flatMap((user) => {
    const op = graph.ops[user];
    if (op?.placement !== "view") return [user];
    return op.results.flatMap((view) => readersOf(graph, view));
  });
  return isResult(value) ? [...readers, OUTSIDE] : readers;
}

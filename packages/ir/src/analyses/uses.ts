import type { Analysis } from "../analysis.ts";
import { elementAt } from "../element-at.ts";
import { forEachOperand, type Graph, type OpId, type ValueId } from "../graph.ts";

/** Who uses each value. */
export interface Uses {
  /** The ops that take the value, in ascending order; an op that takes it twice is listed twice. */
  readonly usersOf: (value: ValueId) => Int32Array;
  /** Whether all ops that take the value pass a test. Makes no list, as `usersOf` does. */
  readonly everyUser: (value: ValueId, test: (user: OpId) => boolean) => boolean;
  /** Whether the graph returns the value. */
  readonly isResult: (value: ValueId) => boolean;
}

/** The users of every value. Takes time and memory linear in the graph's size. */
export const uses: Analysis<Uses> = { name: "uses", ignoresGroups: true, run: computeUses };

function computeUses(graph: Graph): Uses {
  const { ops } = graph;
  // Users of value v are users[starts[v]] to users[starts[v + 1] − 1].
  const starts = new Int32Array(graph.values.length + 1);
  const countUser = (value: ValueId) => {
    starts[value + 1] = elementAt(starts, value + 1) + 1;
  };
  for (let id = 0; id < ops.length; id++) forEachOperand(elementAt(ops, id).operands, countUser);
  for (let value = 0; value < graph.values.length; value++) {
    starts[value + 1] = elementAt(starts, value + 1) + elementAt(starts, value);
  }
  const users = new Int32Array(elementAt(starts, graph.values.length));
  const next = starts.slice();
  for (let id = 0; id < ops.length; id++) {
    forEachOperand(elementAt(ops, id).operands, (value) => {
      const at = elementAt(next, value);
      users[at] = id;
      next[value] = at + 1;
    });
  }
  const results = new Set(graph.results);
  return {
    usersOf: (value) => users.subarray(elementAt(starts, value), elementAt(starts, value + 1)),
    everyUser: (value, test) => {
      const end = elementAt(starts, value + 1);
      for (let at = elementAt(starts, value); at < end; at++) {
        if (!test(elementAt(users, at))) return false;
      }
      return true;
    },
    isResult: (value) => results.has(value),
  };
}

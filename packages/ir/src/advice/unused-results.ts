import { uses } from "../analyses/uses.ts";
import { analyse } from "../analysis.ts";
import { formatScope, type Graph, type Op, type ValueId } from "../graph.ts";
import { behindViews, definingOp } from "../patterns/match.ts";
import { recordingOf } from "../recording.ts";
import { counted, shortBytes } from "../wording.ts";
import type { AdviceRule, Found } from "./advice-rule.ts";
import { savedBy } from "./savings.ts";
import { authorOf } from "./whose.ts";

/** Ops of a function whose results nobody uses, neither an op nor the caller nor a read. */
export const unusedResults: AdviceRule = {
  name: "unused-result",
  finds: "Kernels whose results nobody uses",
  advises: "Leave them out",
  inTraining: false,
  find,
};

function find(graph: Graph): Found[] {
  const { reads = [], hostValues } = recordingOf(graph) ?? {};
  // Which values the program reads on the host is not recorded, only how many.
  if ((hostValues?.read.tensors ?? 0) > reads.length) return [];
  const byScope = new Map<string, Op[]>();
  for (const op of unusedOps(graph, new Set(reads))) {
    const scope = formatScope(op.scope);
    byScope.set(scope, [...(byScope.get(scope) ?? []), op]);
  }
  return [...byScope.values()].flatMap((ops) => {
    const [first] = ops;
    const working = ops.filter(({ placement }) => placement !== "view");
    if (first === undefined || working.length === 0) return [];
    const saves = savedBy(graph, { removed: ops });
    const kernels = [...new Set(working.map(({ kernel }) => kernel))].join(", ");
    return [
      {
        finding: `${counted(working.length, "kernel")} (${kernels}) ${working.length === 1 ? "writes" : "write"} ${shortBytes(saves.bytesWritten)} that nobody uses.`,
        remedy:
          "Leave out what is computed for nothing, unless the program keeps it past the pass.",
        scope: first.scope,
        ops: ops.map(({ id }) => id),
        saves,
      },
    ];
  });
}

/**
 * The kernels of functions whose result has a length that depends on values: to know how many there
 * are, a program looks at the shape, which nothing records.
 */
const COUNTED: ReadonlySet<string> = new Set([
  ...["Where", "ListDiff", "Unique"],
  ...["NonMaxSuppressionV3", "NonMaxSuppressionV4", "NonMaxSuppressionV5"],
]);

/** In order of execution, the ops of a function that no used value depends on. */
function unusedOps(graph: Graph, reads: ReadonlySet<ValueId>): Op[] {
  const isNeeded = (op: Op) =>
    COUNTED.has(op.kernel) || op.results.some((value) => reads.has(value));
  const isKept = keptBeyond(graph, unneeded(graph, isNeeded));
  return unneeded(graph, (op) => isNeeded(op) || isKept(op));
}

/**
 * Whether the program keeps what an op gives, or assigns it to a variable. A recording says of idle
 * ops how many there are of a kernel in a scope: where more seem so, one of them is kept.
 */
function keptBeyond(graph: Graph, seeming: readonly Op[]): (op: Op) => boolean {
  const idle = recordingOf(graph)?.unused?.ops;
  if (idle === undefined) return () => false;
  const keyOf = ({ kernel, scope }: Pick<Op, "kernel" | "scope">) =>
    JSON.stringify([kernel, scope]);
  const left = new Map(idle.map((row) => [keyOf(row), row.ops]));
  for (const op of seeming) left.set(keyOf(op), (left.get(keyOf(op)) ?? 0) - 1);
  return (op) => {
    const [result = Number.NaN] = op.results;
    const maker = op.placement === "view" ? definingOp(graph, behindViews(graph, result)) : op;
    return maker !== undefined && (left.get(keyOf(maker)) ?? 0) < 0;
  };
}

/** In order of execution, the ops of a function that no needed one uses. */
function unneeded(graph: Graph, isNeeded: (op: Op) => boolean): Op[] {
  const { usersOf, isResult } = analyse(graph, uses);
  const unused = new Set<number>();
  for (const op of graph.ops.toReversed()) {
    const isUsed = op.results.some(
      (value) => isResult(value) || usersOf(value).some((user) => !unused.has(user)),
    );
    if (!isUsed && !isNeeded(op) && authorOf(graph, op) === "function") unused.add(op.id);
  }
  return graph.ops.filter(({ id }) => unused.has(id));
}

import { uses } from "../analyses/uses.ts";
import { analyse } from "../analysis.ts";
import { formatScope, type Graph, type Op } from "../graph.ts";
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

/** In order of execution, the ops that no used value depends on. */
function unusedOps(graph: Graph, reads: ReadonlySet<number>): Op[] {
  const { usersOf, isResult } = analyse(graph, uses);
  const unused = new Set<number>();
  for (const op of [...graph.ops].reverse()) {
    const isUsed =
      COUNTED.has(op.kernel) ||
      op.results.some(
        (value) =>
          isResult(value) || reads.has(value) || usersOf(value).some((user) => !unused.has(user)),
      );
    if (!isUsed && authorOf(graph, op) === "function") unused.add(op.id);
  }
  return graph.ops.filter(({ id }) => unused.has(id));
}

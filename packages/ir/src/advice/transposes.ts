import { uses } from "../analyses/uses.ts";
import { analyse } from "../analysis.ts";
import type { Graph, Op, ValueId } from "../graph.ts";
import { valueAt } from "../graph.ts";
import { definingOp } from "../patterns/match.ts";
import { bytesOf } from "../types.ts";
import { shortBytes } from "../wording.ts";
import type { Advice } from "./advice-rule.ts";

/** A transpose of a transpose: together nothing, or one. */
export function transposePairs(graph: Graph): Advice[] {
  const { usersOf, isResult } = analyse(graph, uses);
  const onlyUsedHere = (value: ValueId) => usersOf(value).length === 1 && !isResult(value);
  return graph.ops.flatMap((second) => {
    const input = second.operands["x"];
    if (second.kernel !== "Transpose" || input === undefined) return [];
    const first = definingOp(graph, input);
    if (first?.kernel !== "Transpose" || !onlyUsedHere(input)) return [];
    const cancels = permutation(second).every((axis, at) => permutation(first)[axis] === at);
    const removed = cancels ? [first, second] : [second];
    const bytes = removed.length * 2 * bytesOf(valueAt(graph, input));
    return [
      {
        rule: "transpose-pair",
        finding: cancels
          ? `A transpose by [${permutation(second)}] undoes one by [${permutation(first)}]; ${shortBytes(bytes)} are moved for nothing.`
          : `A transpose by [${permutation(second)}] follows one by [${permutation(first)}]; ${shortBytes(bytes)} are moved twice.`,
        remedy: cancels ? "Leave both out." : "Transpose once, by both permutations together.",
        scope: second.scope,
        ops: [first.id, second.id],
        saves: {
          ops: removed.length,
          dispatches: removed.reduce((total, op) => total + op.dispatches.length, 0),
          bytes,
        },
      },
    ];
  });
}

function permutation({ attrs }: Op): number[] {
  const { perm } = attrs;
  return Array.isArray(perm) ? perm.map(Number) : [];
}

import { uses } from "../analyses/uses.ts";
import { analyse } from "../analysis.ts";
import type { Graph, Op } from "../graph.ts";
import { valueAt } from "../graph.ts";
import { definingOp } from "../patterns/match.ts";
import { bytesOf } from "../types.ts";
import { shortBytes } from "../wording.ts";
import type { Advice } from "./advice-rule.ts";

/** A transpose of a transpose. Together they do nothing, or are one transpose. */
export function transposePairs(graph: Graph): Advice[] {
  const pairs = followingTransposes(graph);
  const paired = new Set<Op>();
  // Each transpose is in one pair at most, because it can be saved only once. Of three in a row,
  // two that undo each other are the pair.
  return [...pairs.filter(({ cancels }) => cancels), ...pairs.filter(({ cancels }) => !cancels)]
    .filter(({ first, second }) => {
      if (paired.has(first) || paired.has(second)) return false;
      paired.add(first).add(second);
      return true;
    })
    .map(adviceOn);
}

interface Pair {
  readonly first: Op;
  readonly second: Op;
  readonly cancels: boolean;
  /** The bytes of the tensor that both transpose. */
  readonly bytes: number;
}

/** Every transpose that is the only user of another transpose's result, in order of execution. */
function followingTransposes(graph: Graph): Pair[] {
  const { usersOf, isResult } = analyse(graph, uses);
  return graph.ops.flatMap((second) => {
    const input = second.operands["x"];
    if (second.kernel !== "Transpose" || input === undefined) return [];
    const first = definingOp(graph, input);
    if (first?.kernel !== "Transpose" || usersOf(input).length !== 1 || isResult(input)) return [];
    const cancels = permutation(second).every((axis, at) => permutation(first)[axis] === at);
    return [{ first, second, cancels, bytes: bytesOf(valueAt(graph, input)) }];
  });
}

function adviceOn({ first, second, cancels, bytes }: Pair): Advice {
  const removed = cancels ? [first, second] : [second];
  const moved = removed.length * 2 * bytes;
  return {
    rule: "transpose-pair",
    finding: cancels
      ? `A transpose by [${permutation(second)}] undoes one by [${permutation(first)}]; ${shortBytes(moved)} are moved for nothing.`
      : `A transpose by [${permutation(second)}] follows one by [${permutation(first)}]; ${shortBytes(moved)} are moved twice.`,
    remedy: cancels ? "Leave both out." : "Transpose once, by both permutations together.",
    scope: second.scope,
    ops: [first.id, second.id],
    saves: {
      ops: removed.length,
      dispatches: removed.reduce((total, op) => total + op.dispatches.length, 0),
      bytes: moved,
    },
  };
}

function permutation({ attrs }: Op): number[] {
  const { perm } = attrs;
  return Array.isArray(perm) ? perm.map(Number) : [];
}

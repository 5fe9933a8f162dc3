import { uses } from "../analyses/uses.ts";
import { analyse } from "../analysis.ts";
import type { Graph, Op } from "../graph.ts";
import { definingOp } from "../patterns/match.ts";
import { shortBytes } from "../wording.ts";
import type { Advice, Finding } from "./advice-rule.ts";
import { savedBy } from "./savings.ts";
import { authorOf } from "./whose.ts";

/** A transpose of a transpose. Together they do nothing, or are one transpose. */
export function transposePairs(graph: Graph): (Advice | Finding)[] {
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
    .map((pair) => adviceOn(graph, pair));
}

interface Pair {
  readonly first: Op;
  readonly second: Op;
  readonly cancels: boolean;
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
    return [{ first, second, cancels }];
  });
}

function adviceOn(graph: Graph, { first, second, cancels }: Pair): Advice | Finding {
  // Two that do not undo each other are one transpose, which costs as much as the second.
  const [x, [passedOn]] = [first.operands["x"], cancels ? second.results : first.results];
  const saves = savedBy(graph, {
    removed: cancels ? [first, second] : [first],
    ...(x !== undefined && passedOn !== undefined && { replaced: new Map([[passedOn, x]]) }),
  });
  const moved = shortBytes(saves.bytesRead + saves.bytesWritten);
  const found = {
    rule: "transpose-pair",
    finding: `A transpose by [${permutation(second)}] ${cancels ? "undoes" : "follows"} one by [${permutation(first)}]; ${moved} are moved for nothing.`,
    scope: second.scope,
    ops: [first.id, second.id],
  };
  const authors = [first, second].map((op) => authorOf(graph, op));
  if (authors.includes("node")) return found;
  const isPermute = authors.every((author) => author !== "function");
  const remedies = isPermute ? LAYERS : FUNCTIONS;
  return { ...found, remedy: cancels ? remedies.cancels : remedies.follows, saves };
}

const FUNCTIONS = {
  cancels: "Leave both transposes out.",
  follows: "Transpose once, by both permutations together.",
};
const LAYERS = {
  cancels: "Leave both layers out, such as two of tf.layers.permute.",
  follows: "Use one tf.layers.permute, with both permutations together.",
};

function permutation({ attrs }: Op): number[] {
  const { perm } = attrs;
  return Array.isArray(perm) ? perm.map(Number) : [];
}

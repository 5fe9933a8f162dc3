import { uses } from "../analyses/uses.ts";
import { analyse } from "../analysis.ts";
import type { Graph, Op } from "../graph.ts";
import { definingOp } from "../patterns/match.ts";
import { shortBytes } from "../wording.ts";
import type { AdviceRule, Found } from "./advice-rule.ts";
import { savedBy } from "./savings.ts";
import { type Author, authorOf } from "./whose.ts";

/** A transpose of a transpose. Together they do nothing, or are one transpose. */
export const transposePairs: AdviceRule = {
  name: "transpose-pair",
  finds: "A transpose of a transpose",
  advises: 'Leave both out, make them one, or `dataFormat: "channelsLast"` of the layers',
  inTraining: "forward",
  find,
};

function find(graph: Graph): Found[] {
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
    const cancels = permutationOf(second).every((axis, at) => permutationOf(first)[axis] === at);
    return [{ first, second, cancels }];
  });
}

function adviceOn(graph: Graph, { first, second, cancels }: Pair): Found {
  // Two that do not undo each other are one transpose, which costs as much as the second.
  const [x, [passedOn]] = [first.operands["x"], cancels ? second.results : first.results];
  const saves = savedBy(graph, {
    removed: cancels ? [first, second] : [first],
    ...(x !== undefined && passedOn !== undefined && { replaced: new Map([[passedOn, x]]) }),
  });
  const moved = shortBytes(saves.bytesRead + saves.bytesWritten);
  const found = {
    finding: `A transpose by [${permutationOf(second)}] ${cancels ? "undoes" : "follows"} one by [${permutationOf(first)}]; ${moved} are moved for nothing.`,
    scope: second.scope,
    ops: [first.id, second.id],
  };
  const remedy = remedyFor(
    [first, second].map((op) => authorOf(graph, op)),
    cancels,
  );
  return remedy === undefined ? found : { ...found, remedy, saves };
}

/** What the user can do; undefined where a layer transposes whatever its options are. */
function remedyFor(authors: readonly Author[], cancels: boolean): string | undefined {
  const isLayer = (author: Author, names: ReadonlySet<string>) =>
    typeof author === "object" && names.has(author.layer);
  const others = authors.filter((author) => author !== "function" && !isLayer(author, PERMUTE));
  if (others.length > 0) {
    const takeFormats = others.every((author) => isLayer(author, FORMATTED));
    return cancels && takeFormats ? CHANNELS_LAST : undefined;
  }
  const remedies = authors.includes("function") ? FUNCTIONS : LAYERS;
  return cancels ? remedies.cancels : remedies.follows;
}

const PERMUTE: ReadonlySet<string> = new Set(["Permute"]);

/** The layers that with `dataFormat: "channelsFirst"` transpose what they take and give. */
const FORMATTED: ReadonlySet<string> = new Set([
  ...["Conv2D", "Conv2DTranspose", "Conv3D", "Conv3DTranspose", "DepthwiseConv2D"],
  ...["SeparableConv2D", "UpSampling2D"],
  ...["MaxPooling2D", "MaxPooling3D", "AveragePooling2D", "AveragePooling3D"],
]);

const CHANNELS_LAST =
  'Give the layers dataFormat: "channelsLast", which keeps the shapes of their weights, and permute only what comes before and after them: with "channelsFirst" each transposes what it takes and gives.';

const FUNCTIONS = {
  cancels: "Leave both transposes out.",
  follows: "Transpose once, by both permutations together.",
};
const LAYERS = {
  cancels: "Leave both layers out, such as two of tf.layers.permute.",
  follows: "Use one tf.layers.permute, with both permutations together.",
};

/** Where each axis of a transpose's result comes from. */
export function permutationOf({ attrs }: Op): number[] {
  const { perm } = attrs;
  return Array.isArray(perm) ? perm.map(Number) : [];
}

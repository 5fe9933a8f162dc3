import { uses } from "../analyses/uses.ts";
import { analyse } from "../analysis.ts";
import type { Graph, Op, OpId, ValueId } from "../graph.ts";
import { valueAt } from "../graph.ts";
import { contractionOf } from "../kernels/registry.ts";
import { behindViews, definingOp } from "../patterns/match.ts";
import { sameShape, sizeOf } from "../types.ts";
import { opsOf } from "./savings.ts";
import { authorOf } from "./whose.ts";

/** The kernels that compute an activation of tf.fused's functions alone. */
const ACTIVATIONS: ReadonlySet<string> = new Set([
  ...["Relu", "Relu6", "Elu", "Sigmoid", "LeakyRelu", "Prelu"],
]);

/** Whether an op is what `relu6` of tf.fused's functions computes. */
export function isRelu6({ kernel, attrs: { clipValueMin, clipValueMax } }: Op): boolean {
  return kernel === "ClipByValue" && clipValueMin === 0 && clipValueMax === 6;
}

/** A bias that is added by a kernel of its own. */
export interface Bias {
  readonly add: Op;
  /** One element per channel. */
  readonly value: ValueId;
  /** Reshapes of the bias for this op alone. */
  readonly views: readonly Op[];
}

/** What a fused kernel could do together with the contraction before it. */
export interface Epilogue {
  readonly bias?: Bias;
  readonly activation?: Op;
  /** What makes a relu6 of the activation, which is a relu. */
  readonly clip?: Op;
}

/** The bias and the activation that follow a contraction and that its fused kernel takes. */
export function epilogueOf(graph: Graph, contraction: Op): Epilogue {
  const [y] = contraction.results;
  const isFusable =
    (contractionOf(contraction.kernel)?.fused ?? null) !== null &&
    (contraction.attrs["activation"] ?? "linear") === "linear" &&
    contraction.attrs["dataFormat"] !== "NCHW" &&
    !("preluActivationWeights" in contraction.operands);
  if (!isFusable || y === undefined || valueAt(graph, y).dtype !== "float32") return {};
  const next = onlyUserOf(graph, y);
  const bias = "bias" in contraction.operands ? undefined : biasAddedBy(graph, next, y);
  const [sum = y] = bias?.add.results ?? [];
  const last = bias === undefined ? next : onlyUserOf(graph, sum);
  const alpha = last?.operands["alpha"];
  const isActivation =
    last !== undefined &&
    (ACTIVATIONS.has(last.kernel) || isRelu6(last)) &&
    (alpha === undefined || isPerChannel(graph, alpha, y));
  if (!isActivation) return { ...(bias && { bias }) };
  const clip = last.kernel === "Relu" ? clipOf(graph, last) : undefined;
  return { ...(bias && { bias }), activation: last, ...(clip && { clip }) };
}

/** The op that clips a relu to at most 6, as that of tf.layers.reLU with `maxValue`. */
function clipOf(graph: Graph, { results: [y = Number.NaN] }: Op): Op | undefined {
  const next = onlyUserOf(graph, y);
  if (next?.kernel !== "Minimum") return next !== undefined && isRelu6(next) ? next : undefined;
  const others = Object.values(next.operands).map((value) => behindViews(graph, value));
  const isSix = (id: ValueId) => {
    const value = valueAt(graph, id);
    return value.kind === "constant" && sizeOf(value.shape) === 1 && value.data?.[0] === 6;
  };
  return others.some(isSix) ? next : undefined;
}

/** The only op that uses a value or a view of it, of those that count; undefined where there are others. */
export function onlyUserOf(
  graph: Graph,
  value: ValueId,
  counts: (op: Op) => boolean = () => true,
): Op | undefined {
  const { usersOf, isResult } = analyse(graph, uses);
  const users = opsOf(graph, [...usersOf(value)]);
  const [op, ...more] = users.filter(counts);
  if (op === undefined || isResult(value) || more.some((other) => other !== op)) return undefined;
  const [view] = op.results;
  return op.placement === "view" && view !== undefined ? onlyUserOf(graph, view, counts) : op;
}

/** Whether an op, or what takes a view, is none of the gradients, which change with what it computes. */
export function isForward(graph: Graph, op: Op): boolean {
  if (authorOf(graph, op) === "gradient") return false;
  const { usersOf, isResult } = analyse(graph, uses);
  const isTaken = (user: OpId) => opsOf(graph, [user]).some((each) => isForward(graph, each));
  return (
    op.placement !== "view" ||
    op.results.some((view) => isResult(view) || usersOf(view).some(isTaken))
  );
}

/** The bias that an op adds to what a contraction gives, one element per channel. */
function biasAddedBy(graph: Graph, add: Op | undefined, y: ValueId): Bias | undefined {
  const { a, b } = add?.operands ?? {};
  const [result] = add?.results ?? [];
  if (add?.kernel !== "Add" || a === undefined || b === undefined || result === undefined) {
    return undefined;
  }
  const [given, shown] = behindViews(graph, a) === y ? [b, a] : [a, b];
  const fits =
    isPerChannel(graph, given, y) &&
    sameShape(valueAt(graph, shown).shape, valueAt(graph, result).shape);
  const value = behindViews(graph, given);
  return fits ? { add, value, views: viewsInto(graph, given) } : undefined;
}

/** Whether a value that no op computes has one element for each channel of another. */
function isPerChannel(graph: Graph, given: ValueId, y: ValueId): boolean {
  const { shape } = valueAt(graph, given);
  const channels = valueAt(graph, y).shape.at(-1);
  return (
    sizeOf(shape) === channels &&
    shape.at(-1) === channels &&
    definingOp(graph, behindViews(graph, given)) === undefined
  );
}

/** The reshapes that lead to a value and that nothing else uses. A cast stays with the bias. */
function viewsInto(graph: Graph, value: ValueId): Op[] {
  const { usersOf, isResult } = analyse(graph, uses);
  const view = definingOp(graph, value);
  const [source] = Object.values(view?.operands ?? {});
  if (view?.placement !== "view" || source === undefined) return [];
  if (usersOf(value).length !== 1 || isResult(value)) return [];
  const before = viewsInto(graph, source);
  return view.kernel === "Cast" ? before : [...before, view];
}

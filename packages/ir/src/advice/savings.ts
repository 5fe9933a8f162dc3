import { uses } from "../analyses/uses.ts";
import { type Analysis, analyse } from "../analysis.ts";
import type { Graph, Op, OpId, ValueId } from "../graph.ts";
import { valueAt } from "../graph.ts";
import { workOf } from "../kernels/registry.ts";
import { behindViews } from "../patterns/match.ts";
import { recordingOf } from "../recording.ts";
import { bytesOf } from "../types.ts";
import type { Savings } from "./advice-rule.ts";
import { type ComplexPart, dataBehind } from "./data-behind.ts";
import { hostPartOf } from "./host-parts.ts";

/** A kernel that would run where the user follows an advice. */
export interface NewOp {
  readonly reads: readonly ValueId[];
  readonly writes: readonly ValueId[];
  readonly dispatches: number;
  /** An op that takes as long. */
  readonly like: Op;
}

/** What would run in place of some ops. */
export interface Change {
  readonly removed: readonly Op[];
  readonly added?: readonly NewOp[];
  /** How many reshapes come with the new ops. */
  readonly addedViews?: number;
  /** By result of a removed op: the value of the same size that its users take in its place. */
  readonly replaced?: ReadonlyMap<ValueId, ValueId>;
}

/** What a change of the program saves in one pass. */
export function savedBy(graph: Graph, change: Change): Savings {
  const { removed, added = [], addedViews = 0 } = change;
  const working = removed.filter(({ placement }) => placement !== "view");
  const less = (of: (op: Op) => number, by: (op: NewOp) => number) =>
    sum(working, of) - sum(added, by);
  const bytes = (values: readonly ValueId[]) => bytesOfEach(graph, values);
  const milliseconds = timeOf(graph);
  return {
    ops: removed.length - added.length - addedViews,
    dispatches: less(
      ({ dispatches }) => dispatches.length,
      ({ dispatches }) => dispatches,
    ),
    bytesRead: less(
      (op) => bytesReadBy(graph, op),
      ({ reads }) => bytes(reads),
    ),
    bytesWritten: less(
      ({ results }) => bytes(results),
      ({ writes }) => bytes(writes),
    ),
    bytesUploaded: uploadsSaved(graph, change),
    hostOps: working.filter(({ placement }) => placement === "cpu").length,
    waits: 0,
    ...(milliseconds && { milliseconds: less(milliseconds, ({ like }) => milliseconds(like)) }),
  };
}

export const NOTHING_SAVED: Savings = {
  ops: 0,
  dispatches: 0,
  bytesRead: 0,
  bytesWritten: 0,
  bytesUploaded: 0,
  hostOps: 0,
  waits: 0,
};

/** Bytes that an op reads: each operand once; of one that it selects from, what it gives. */
function bytesReadBy(graph: Graph, op: Op): number {
  const work = workOf(op.kernel);
  const selected = work?.kind === "selection" ? op.operands[work.of] : undefined;
  const whole = new Set(Object.values(op.operands).filter((value) => value !== selected));
  const part = selected === undefined ? 0 : bytesOfEach(graph, op.results);
  return part + bytesOfEach(graph, [...whole]);
}

/** The constants that each pass makes anew, and so uploads anew. */
export const madeConstants: Analysis<ReadonlySet<ValueId>> = {
  name: "made-constants",
  run: (graph) => new Set(recordingOf(graph)?.madeConstants ?? []),
};

/**
 * Bytes that each pass uploads less: what the host makes or the caller gives, and an op on the
 * device uses. Weights, and constants from before the pass, are uploaded once, in the first pass.
 */
function uploadsSaved(graph: Graph, { removed, added = [], replaced = new Map() }: Change): number {
  const behind = (value: ValueId) => behindViews(graph, value);
  const gone = new Set(removed.map(({ id }) => id));
  const passedOn = [...replaced].filter(([result]) => isUsedOnDevice(graph, result, gone));
  const reads = [...added.flatMap(({ reads }) => reads), ...passedOn.map(([, value]) => value)];
  const willRead = new Set(reads.map(behind));
  const used = removed.flatMap(({ operands, results }) => [...Object.values(operands), ...results]);
  const ofParts = sum(removed, (op) => hostPartOf(graph, op)?.bytesUploaded ?? 0);
  const ofValues = sum([...new Set([...used.map(behind), ...willRead])], (value) => {
    const made = valueAt(graph, value);
    const maker = made.kind === "result" ? graph.ops[made.op] : undefined;
    if (!isMadeAnew(graph, value)) return 0;
    const stays = maker === undefined || !gone.has(maker.id);
    const isUploaded = isUsedOnDevice(graph, value);
    const willBe = stays && (willRead.has(value) || isUsedOnDevice(graph, value, gone));
    return (Number(isUploaded) - Number(willBe)) * bytesOf(made);
  });
  return ofValues + ofParts;
}

/** Whether each pass has the value anew on the host: what it makes there or the caller gives. */
export function isMadeAnew(graph: Graph, id: ValueId): boolean {
  const value = valueAt(graph, id);
  const maker = value.kind === "result" ? graph.ops[value.op] : undefined;
  const isMade = analyse(graph, madeConstants).has(id) || maker?.placement === "cpu";
  return value.kind === "input" || isMade;
}

const NONE: ReadonlySet<OpId> = new Set();

/** Whether an op on the device, other than some, takes a value or a view of it there. */
export function isUsedOnDevice(
  graph: Graph,
  value: ValueId,
  except: ReadonlySet<OpId> = NONE,
  part?: ComplexPart,
): boolean {
  const root = dataBehind(graph, value);
  return isUsedBy(
    graph,
    value,
    (op) =>
      op.placement === "gpu" &&
      !except.has(op.id) &&
      hostPartOf(graph, op)?.operands.has(root) !== true,
    part,
  );
}

/** The part of complex numbers that a kernel takes. */
const TAKEN_PART: ReadonlyMap<string, ComplexPart> = new Map([
  ["Real", "real"],
  ["Cast", "real"],
  ["Imag", "imag"],
]);

/**
 * Whether one of some ops uses a value or a view of it.
 *
 * @param part which part of complex numbers it is.
 */
export function isUsedBy(
  graph: Graph,
  value: ValueId,
  isMeant: (op: Op) => boolean,
  part?: ComplexPart,
): boolean {
  return analyse(graph, uses)
    .usersOf(value)
    .some((user) => {
      const op = graph.ops[user];
      const taken = op && TAKEN_PART.get(op.kernel);
      if (op === undefined || (part !== undefined && (taken ?? part) !== part)) return false;
      if (op.placement !== "view") return isMeant(op);
      const own = op.operands["imag"] === value ? "imag" : "real";
      const left = taken === undefined ? part : undefined;
      const whole = op.kernel === "Complex" ? own : left;
      return op.results.some((view) => isUsedBy(graph, view, isMeant, whole));
    });
}

/** The time that an op takes, on the host and the device; undefined where none was measured. */
function timeOf(graph: Graph): ((op: Op) => number) | undefined {
  const times = recordingOf(graph)?.times;
  if (times === undefined) return undefined;
  return ({ id, dispatches }) =>
    (times.opCpuMs.get(id) ?? 0) + sum(dispatches, ({ gpuTime }) => (gpuTime?.ns ?? 0) / 1e6);
}

export function bytesOfEach(graph: Graph, values: readonly ValueId[]): number {
  return sum(values, (value) => bytesOf(valueAt(graph, value)));
}

export function sum<T>(items: readonly T[], of: (item: T) => number): number {
  return items.reduce((total, item) => total + of(item), 0);
}

/** The ops with these ids. */
export function opsOf(graph: Graph, ids: readonly OpId[]): Op[] {
  return ids.map((id) => graph.ops[id]).filter((op) => op !== undefined);
}

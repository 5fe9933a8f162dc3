import {
  analyse,
  contractionOf,
  type Graph,
  type Group,
  invocationsOf,
  type Op,
  type OpId,
  uses,
  type ValueId,
  valueAt,
  workOf,
} from "@opcounter/ir/core";
import { exactBytes, exactSize } from "./expressions/integer.ts";
import { opAt } from "./op-at.ts";
import { NO_TRAFFIC, type Traffic } from "./report/cost-sum.ts";

/**
 * Bytes, dispatches and activations of each op of a graph.
 *
 * An op reads its operands, each value once, and writes its results; a view moves nothing, and a
 * slice or gather reads only what it takes. The ops of a group run as one kernel: what one of them
 * makes for another is neither written nor read, what several take from outside is read once, by the
 * first that takes all of it, and the group is one dispatch, made by its last op that has any.
 */
export function trafficIn(graph: Graph): (op: Op) => Traffic {
  const groupOf = new Map<OpId, GroupTraffic>();
  for (const group of graph.groups) {
    const traffic = new GroupTraffic(graph, group);
    for (const op of group.ops) groupOf.set(op, traffic);
  }
  return (op) => ({
    ...(groupOf.get(op.id)?.of(op) ?? alone(graph, op)),
    activations: activationsOf(graph, op),
  });
}

/** Elements that a contraction gives; 0 for other ops. */
function activationsOf(graph: Graph, { kernel, results }: Op): bigint {
  if (contractionOf(kernel) === undefined) return 0n;
  return results.reduce((sum, id) => sum + exactSize(valueAt(graph, id).shape), 0n);
}

/** What an op moves and launches. */
type Moved = Omit<Traffic, "activations">;

function alone(graph: Graph, op: Op): Moved {
  const launched = launchedBy(op);
  if (op.placement === "view") return { ...NO_TRAFFIC, ...launched };
  return {
    bytesRead: total(readsOf(graph, op, (id) => id)),
    bytesWritten: bytes(graph, op.results),
    ...launched,
  };
}

/** What an op's dispatches launch, and how long they took together. */
function launchedBy({ dispatches }: Op): Pick<Traffic, "dispatches" | "invocations" | "gpuNs"> {
  let invocations = 0n;
  let gpuNs: number | null = null;
  for (const dispatch of dispatches) {
    // Workgroups of unknown size, and times that the clock cannot tell, count 0, as documented.
    invocations += BigInt(invocationsOf(dispatch) ?? 0);
    if (dispatch.gpuTime !== undefined) gpuNs = (gpuNs ?? 0) + (dispatch.gpuTime.ns ?? 0);
  }
  return { dispatches: dispatches.length, invocations, gpuNs };
}

class GroupTraffic {
  readonly #graph: Graph;
  readonly #inside: ReadonlySet<OpId>;
  /** By value from outside: the first op that reads all of it. */
  readonly #firstReader = new Map<ValueId, OpId>();
  readonly #lastDispatcher: OpId | undefined;

  constructor(graph: Graph, { ops }: Group) {
    this.#graph = graph;
    this.#inside = new Set(ops);
    for (const id of ops) {
      const op = opAt(graph, id);
      if (op.placement === "view") continue;
      for (const [name, operand] of Object.entries(op.operands)) {
        const value = this.#fromOutside(operand);
        if (value === undefined || isPartlyRead(op, name)) continue;
        if (!this.#firstReader.has(value)) this.#firstReader.set(value, id);
      }
    }
    this.#lastDispatcher = ops.findLast((id) => opAt(graph, id).dispatches.length > 0);
  }

  of(op: Op): Moved {
    // As one kernel the group is one dispatch; what its ops launched and took is still theirs.
    const launched = { ...launchedBy(op), dispatches: op.id === this.#lastDispatcher ? 1 : 0 };
    if (op.placement === "view") return { ...NO_TRAFFIC, ...launched };
    const isReadBefore = (value: ValueId) => (this.#firstReader.get(value) ?? op.id) !== op.id;
    const reads = readsOf(this.#graph, op, (id) => {
      const value = this.#fromOutside(id);
      return value === undefined || isReadBefore(value) ? undefined : value;
    });
    const written = op.results.filter((value) => this.#isNeededOutside(value));
    return { bytesRead: total(reads), bytesWritten: bytes(this.#graph, written), ...launched };
  }

  /**
   * The value from outside that is read where an op reads this one: itself, or what a view inside
   * shows whole; undefined where it is made inside.
   */
  #fromOutside(id: ValueId): ValueId | undefined {
    const value = valueAt(this.#graph, id);
    const maker = value.kind === "result" ? opAt(this.#graph, value.op) : undefined;
    if (maker === undefined || !this.#inside.has(maker.id)) return id;
    if (maker.placement !== "view") return undefined;
    const shown = Object.values(maker.operands).map((operand) => this.#fromOutside(operand));
    if (shown.every((source) => source === undefined)) return undefined;
    const [source] = shown;
    const isWhole =
      source !== undefined &&
      shown.length === 1 &&
      bytes(this.#graph, [source]) === bytes(this.#graph, [id]);
    return isWhole ? source : id;
  }

  /** Whether anything outside uses a value, or a view of it. */
  #isNeededOutside(value: ValueId): boolean {
    const { usersOf, isResult } = analyse(this.#graph, uses);
    return (
      isResult(value) ||
      usersOf(value).some((user) => {
        if (!this.#inside.has(user)) return true;
        const op = opAt(this.#graph, user);
        return op.placement === "view" && op.results.some((view) => this.#isNeededOutside(view));
      })
    );
  }
}

/**
 * Whether an op takes a part of an operand: it reads as much of it as it gives, as XLA counts slices
 * and gathers. Where a gather takes a row twice, it is read twice.
 */
function isPartlyRead({ kernel }: Op, name: string): boolean {
  const work = workOf(kernel);
  return work?.kind === "selection" && work.of === name;
}

/**
 * Bytes that an op reads, by value: one that it takes twice is read once.
 *
 * @param sourceOf the value that an operand stands for; undefined where it is not read.
 */
function readsOf(
  graph: Graph,
  op: Op,
  sourceOf: (operand: ValueId) => ValueId | undefined,
): ReadonlyMap<ValueId, bigint> {
  const reads = new Map<ValueId, bigint>();
  for (const [name, id] of Object.entries(op.operands)) {
    const source = sourceOf(id);
    if (source === undefined) continue;
    const read = isPartlyRead(op, name) ? bytes(graph, op.results) : bytes(graph, [source]);
    const known = reads.get(source) ?? 0n;
    reads.set(source, read > known ? read : known);
  }
  return reads;
}

function total(reads: ReadonlyMap<ValueId, bigint>): bigint {
  return [...reads.values()].reduce((sum, each) => sum + each, 0n);
}

function bytes(graph: Graph, ids: readonly ValueId[]): bigint {
  return ids.reduce((total, id) => total + exactBytes(valueAt(graph, id)), 0n);
}

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
import { bytesOf, elementsOf, type Integer, plus, total } from "./expressions/integer.ts";
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
  return (op) => groupOf.get(op.id)?.of(op) ?? alone(graph, op);
}

function alone(graph: Graph, op: Op): Traffic {
  const { dispatches } = op;
  const launched = dispatches.length === 0 ? NO_TRAFFIC : launchedBy(op);
  const isView = op.placement === "view";
  return {
    bytesRead: isView ? 0 : bytesRead(graph, op, (id) => id),
    bytesWritten: isView ? 0 : bytes(graph, op.results),
    dispatches: dispatches.length,
    invocations: launched.invocations,
    ...hostWorkOf(graph, op),
    activations: activationsOf(graph, op),
    gpuNs: launched.gpuNs,
  };
}

/** Whether an op runs on the host, and what of its results the device takes. */
function hostWorkOf(graph: Graph, op: Op): Pick<Traffic, "hostOps" | "hostBytesUploaded"> {
  if (op.placement !== "cpu") return { hostOps: 0, hostBytesUploaded: 0 };
  const taken = op.results.filter((id) => isTakenByDevice(graph, id));
  return { hostOps: 1, hostBytesUploaded: bytes(graph, taken) };
}

/** Whether an op on the device takes a value, or a view of it: the views of a value are one buffer. */
function isTakenByDevice(graph: Graph, id: ValueId): boolean {
  const seen = new Set([id]);
  for (const value of seen) {
    for (const user of analyse(graph, uses).usersOf(value)) {
      const { placement, results } = opAt(graph, user);
      if (placement === "gpu") return true;
      if (placement === "view") for (const result of results) seen.add(result);
    }
  }
  return false;
}

/** Elements that a contraction gives; 0 for other ops. */
function activationsOf(graph: Graph, { kernel, results }: Op): Integer {
  if (contractionOf(kernel) === undefined) return 0;
  return total(results.map((id) => elementsOf(valueAt(graph, id).shape)));
}

/** What an op's dispatches launch, and how long they took together. */
function launchedBy({ dispatches }: Op): Pick<Traffic, "dispatches" | "invocations" | "gpuNs"> {
  let invocations: Integer = 0;
  let gpuNs: number | null = null;
  for (const dispatch of dispatches) {
    // Workgroups of unknown size, and times that the clock cannot tell, count 0, as documented.
    invocations = plus(invocations, invocationsOf(dispatch) ?? 0);
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

  of(op: Op): Traffic {
    // As one kernel the group is one dispatch; what its ops launched and took is still theirs.
    const launched = {
      ...launchedBy(op),
      ...hostWorkOf(this.#graph, op),
      dispatches: op.id === this.#lastDispatcher ? 1 : 0,
    };
    if (op.placement === "view") return { ...NO_TRAFFIC, ...launched };
    const isReadBefore = (value: ValueId) => (this.#firstReader.get(value) ?? op.id) !== op.id;
    const read = bytesRead(this.#graph, op, (id) => {
      const value = this.#fromOutside(id);
      return value === undefined || isReadBefore(value) ? undefined : value;
    });
    const written = op.results.filter((value) => this.#isNeededOutside(value));
    return {
      bytesRead: read,
      bytesWritten: bytes(this.#graph, written),
      activations: activationsOf(this.#graph, op),
      ...launched,
    };
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
 * Bytes that an op reads. A value that it takes twice is read once.
 *
 * @param sourceOf the value that an operand stands for; undefined where it is not read.
 */
function bytesRead(
  graph: Graph,
  op: Op,
  sourceOf: (operand: ValueId) => ValueId | undefined,
): Integer {
  // Ops have few operands: a list is searched faster than a map is made.
  const sources: ValueId[] = [];
  const reads: Integer[] = [];
  for (const name of Object.keys(op.operands)) {
    const operand = op.operands[name];
    const source = operand === undefined ? undefined : sourceOf(operand);
    if (source === undefined) continue;
    const read = isPartlyRead(op, name) ? bytes(graph, op.results) : bytes(graph, [source]);
    const place = sources.indexOf(source);
    if (place === -1) {
      sources.push(source);
      reads.push(read);
    } else if (read > (reads[place] ?? 0)) reads[place] = read;
  }
  return total(reads);
}

function bytes(graph: Graph, ids: readonly ValueId[]): Integer {
  let sum: Integer = 0;
  for (const id of ids) sum = plus(sum, bytesOf(valueAt(graph, id)));
  return sum;
}

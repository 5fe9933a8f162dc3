import {
  type Analysis,
  analyse,
  elementAt,
  forEachOperand,
  type Graph,
  type Group,
  invocationsOf,
  type Op,
  type OpId,
  recordingOf,
  type Uses,
  uses,
  type ValueId,
  valueAt,
  type Work,
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
  const opMs = recordingOf(graph)?.times?.account?.opMs;
  const byOp = analyse(graph, trafficByOp);
  return ({ id }) => {
    const traffic = elementAt(byOp, id);
    return opMs === undefined ? traffic : { ...traffic, wallMs: opMs.get(id) ?? null };
  };
}

/** What no convention changes, so it is computed once however many of them count the graph. */
const trafficByOp: Analysis<readonly Traffic[]> = {
  name: "traffic",
  run: (graph) => {
    const grouped = graph.groups.length === 0 ? [] : new GroupTraffic(graph).ofGroups();
    return graph.ops.map((op) => grouped[op.id] ?? alone(graph, op));
  },
};

function alone(graph: Graph, op: Op): Traffic {
  const { dispatches } = op;
  const isView = op.placement === "view";
  if (isView && dispatches.length === 0) return NO_TRAFFIC;
  const work = workOf(op.kernel);
  const launched = dispatches.length === 0 ? NO_TRAFFIC : launchedBy(op);
  const { hostOps, hostBytesUploaded } = hostWorkOf(graph, op);
  // Field by field: V8 takes a microsecond for each object that is spread and then added to.
  return {
    bytesRead: isView ? 0 : bytesRead(graph, op, work, operandsRead(op)),
    bytesWritten: isView ? 0 : bytes(graph, op.results),
    dispatches: dispatches.length,
    invocations: launched.invocations,
    hostOps,
    hostBytesUploaded,
    activations: activationsOf(graph, op, work),
    gpuNs: launched.gpuNs,
    wallMs: null,
  };
}

/** Whether an op runs on the host, and what of its results the device takes. */
function hostWorkOf(graph: Graph, op: Op): Pick<Traffic, "hostOps" | "hostBytesUploaded"> {
  if (op.placement !== "cpu") return NO_TRAFFIC;
  const taken = op.results.filter((id) => isTakenByDevice(graph, id));
  return { hostOps: 1, hostBytesUploaded: bytes(graph, taken) };
}

/** Whether an op on the device takes a value, or a view of it: the views of a value are one buffer. */
function isTakenByDevice(graph: Graph, id: ValueId): boolean {
  const { usersOf } = analyse(graph, uses);
  const seen = new Set([id]);
  for (const value of seen) {
    for (const user of usersOf(value)) {
      const { placement, results } = opAt(graph, user);
      if (placement === "gpu") return true;
      if (placement === "view") for (const result of results) seen.add(result);
    }
  }
  return false;
}

/** Elements that a contraction gives; 0 for other ops. */
function activationsOf(graph: Graph, { results }: Op, work: Work | undefined): Integer {
  if (work?.kind !== "contraction") return 0;
  return total(results.map((id) => elementsOf(valueAt(graph, id).shape)));
}

/** What an op's dispatches launch, and how long they took together. */
function launchedBy({ dispatches }: Op): Pick<Traffic, "invocations" | "gpuNs"> {
  let invocations: Integer = 0;
  let gpuNs: number | null = null;
  for (const dispatch of dispatches) {
    // Workgroups of unknown size, and times that the clock cannot tell, count 0, as documented.
    invocations = plus(invocations, invocationsOf(dispatch) ?? 0);
    if (dispatch.gpuTime !== undefined) gpuNs = (gpuNs ?? 0) + (dispatch.gpuTime.ns ?? 0);
  }
  return { invocations, gpuNs };
}

/**
 * The traffic of ops in groups. A graph may have hundreds of thousands of groups: what is known of
 * one lies in lists that all of them share.
 */
class GroupTraffic {
  readonly #graph: Graph;
  readonly #uses: Uses;
  /** By op: the group that it is in; −1 where it is in none. */
  readonly #groupOf: Int32Array;
  /** By value: the first op that reads all of it in the group in `#readIn`. */
  readonly #firstReader: Int32Array;
  readonly #readIn: Int32Array;

  constructor(graph: Graph) {
    this.#graph = graph;
    this.#uses = analyse(graph, uses);
    this.#groupOf = new Int32Array(graph.ops.length).fill(-1);
    this.#firstReader = new Int32Array(graph.values.length);
    this.#readIn = new Int32Array(graph.values.length).fill(-1);
  }

  /** By op: its traffic, where it is in a group. */
  ofGroups(): readonly (Traffic | undefined)[] {
    const traffic = new Array<Traffic | undefined>(this.#graph.ops.length);
    this.#graph.groups.forEach(({ ops }, group) => {
      for (const op of ops) this.#groupOf[op] = group;
    });
    this.#graph.groups.forEach((group, index) => {
      this.#findFirstReaders(group, index);
      const dispatches = (id: OpId) => opAt(this.#graph, id).dispatches.length;
      const lastDispatcher = group.ops.findLast((id) => dispatches(id) > 0);
      for (const id of group.ops) {
        traffic[id] = this.#of(opAt(this.#graph, id), index, id === lastDispatcher);
      }
    });
    return traffic;
  }

  #findFirstReaders({ ops }: Group, group: number): void {
    for (const id of ops) {
      const op = opAt(this.#graph, id);
      if (op.placement === "view") continue;
      const part = partlyRead(workOf(op.kernel));
      forEachOperand(op.operands, (operand, name) => {
        if (name === part || isKept(op, name)) return;
        const value = this.#fromOutside(operand, group);
        if (value === undefined || this.#readIn[value] === group) return;
        this.#readIn[value] = group;
        this.#firstReader[value] = id;
      });
    }
  }

  #of(op: Op, group: number, isLastDispatcher: boolean): Traffic {
    // As one kernel the group is one dispatch; what its ops launched and took is still theirs.
    const { invocations, gpuNs } = op.dispatches.length === 0 ? NO_TRAFFIC : launchedBy(op);
    const { hostOps, hostBytesUploaded } = hostWorkOf(this.#graph, op);
    const work = workOf(op.kernel);
    const isView = op.placement === "view";
    return {
      bytesRead: isView ? 0 : bytesRead(this.#graph, op, work, this.#readBy(op, group)),
      bytesWritten: isView ? 0 : this.#bytesWritten(op, group),
      dispatches: isLastDispatcher ? 1 : 0,
      invocations,
      hostOps,
      hostBytesUploaded,
      activations: isView ? 0 : activationsOf(this.#graph, op, work),
      gpuNs,
      wallMs: null,
    };
  }

  /** What an op of a group reads that is made outside, and that no op before it reads. */
  #readBy(op: Op, group: number): readonly (ValueId | undefined)[] {
    const read: (ValueId | undefined)[] = [];
    forEachOperand(op.operands, (operand, name) => {
      read.push(isKept(op, name) ? undefined : this.#readFirst(operand, op, group));
    });
    return read;
  }

  #readFirst(operand: ValueId, op: Op, group: number): ValueId | undefined {
    const value = this.#fromOutside(operand, group);
    if (value === undefined || this.#readIn[value] !== group) return value;
    return this.#firstReader[value] === op.id ? value : undefined;
  }

  #bytesWritten({ results }: Op, group: number): Integer {
    const needed = results.filter((value) => this.#isNeededOutside(value, group));
    return bytes(this.#graph, needed);
  }

  /**
   * The value from outside that is read where an op reads this one: itself, or what a view inside
   * shows whole; undefined where it is made inside.
   */
  #fromOutside(id: ValueId, group: number): ValueId | undefined {
    const value = valueAt(this.#graph, id);
    if (value.kind !== "result" || this.#groupOf[value.op] !== group) return id;
    const maker = opAt(this.#graph, value.op);
    if (maker.placement !== "view") return undefined;
    const shown = Object.values(maker.operands).map((operand) => this.#fromOutside(operand, group));
    if (shown.every((source) => source === undefined)) return undefined;
    const [source] = shown;
    const isWhole =
      source !== undefined &&
      shown.length === 1 &&
      bytes(this.#graph, [source]) === bytes(this.#graph, [id]);
    return isWhole ? source : id;
  }

  /** Whether anything outside uses a value, or a view of it. */
  #isNeededOutside(value: ValueId, group: number): boolean {
    const { everyUser, isResult } = this.#uses;
    const isInside = (user: OpId) => {
      if (this.#groupOf[user] !== group) return false;
      const { placement, results } = opAt(this.#graph, user);
      return placement !== "view" || !results.some((view) => this.#isNeededOutside(view, group));
    };
    return isResult(value) || !everyUser(value, isInside);
  }
}

/**
 * The operand of which an op takes a part: it reads as much of it as it gives, as XLA counts slices
 * and gathers. Where a gather takes a row twice, it is read twice.
 */
function partlyRead(work: Work | undefined): string | undefined {
  return work?.kind === "selection" ? work.of : undefined;
}

/** Whether an operand stays as it is where a dispatch stores nothing, and is not read. */
function isKept({ attrs }: Op, name: string): boolean {
  const { keeps } = attrs;
  return Array.isArray(keeps) && keeps.includes(name);
}

/**
 * Bytes that an op reads. A value that it takes twice is read once.
 *
 * @param sources by operand, in order: the value that is read; undefined where none is.
 */
function bytesRead(
  graph: Graph,
  op: Op,
  work: Work | undefined,
  sources: readonly (ValueId | undefined)[],
): Integer {
  const part = partlyRead(work);
  const selected = part === undefined ? undefined : sources[Object.keys(op.operands).indexOf(part)];
  let sum: Integer = 0;
  for (let place = 0; place < sources.length; place++) {
    const source = sources[place];
    if (source === undefined || sources.indexOf(source) < place) continue;
    let read = bytesOf(valueAt(graph, source));
    if (source === selected) {
      const taken = bytes(graph, op.results);
      const isWholeToo = sources.lastIndexOf(source) > place;
      if (!isWholeToo || taken > read) read = taken;
    }
    sum = plus(sum, read);
  }
  return sum;
}

/** The operands that an op reads, in order; undefined in the place of one that it does not. */
function operandsRead(op: Op): readonly (ValueId | undefined)[] {
  const read: (ValueId | undefined)[] = [];
  forEachOperand(op.operands, (operand, name) => {
    read.push(isKept(op, name) ? undefined : operand);
  });
  return read;
}

function bytes(graph: Graph, ids: readonly ValueId[]): Integer {
  let sum: Integer = 0;
  for (const id of ids) sum = plus(sum, bytesOf(valueAt(graph, id)));
  return sum;
}

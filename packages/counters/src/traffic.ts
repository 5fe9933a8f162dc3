import {
  type Analysis,
  analyse,
  contractionOf,
  elementAt,
  type Graph,
  type Group,
  invocationsOf,
  type Op,
  type OpId,
  recordingOf,
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
  const launched = dispatches.length === 0 ? NO_TRAFFIC : launchedBy(op);
  const isView = op.placement === "view";
  // Field by field: V8 takes a microsecond for each object that is spread and then added to.
  const { hostOps, hostBytesUploaded } = hostWorkOf(graph, op);
  return {
    bytesRead: isView ? 0 : bytesRead(graph, op, (id) => id),
    bytesWritten: isView ? 0 : bytes(graph, op.results),
    dispatches: dispatches.length,
    invocations: launched.invocations,
    hostOps,
    hostBytesUploaded,
    activations: activationsOf(graph, op),
    gpuNs: launched.gpuNs,
    wallMs: null,
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

/**
 * The traffic of ops in groups. A graph may have hundreds of thousands of groups: what is known of
 * one lies in lists that all of them share.
 */
class GroupTraffic {
  readonly #graph: Graph;
  /** By op: the group that it is in; −1 where it is in none. */
  readonly #groupOf: Int32Array;
  /** By value: the first op that reads all of it in the group in `#readIn`. */
  readonly #firstReader: Int32Array;
  readonly #readIn: Int32Array;

  constructor(graph: Graph) {
    this.#graph = graph;
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
      for (const name of Object.keys(op.operands)) {
        const operand = op.operands[name];
        const value = operand === undefined ? undefined : this.#fromOutside(operand, group);
        const isPart = isPartlyRead(op, name) || isKept(op, name);
        if (value === undefined || this.#readIn[value] === group || isPart) {
          continue;
        }
        this.#readIn[value] = group;
        this.#firstReader[value] = id;
      }
    }
  }

  #of(op: Op, group: number, isLastDispatcher: boolean): Traffic {
    // As one kernel the group is one dispatch; what its ops launched and took is still theirs.
    const { invocations, gpuNs } = op.dispatches.length === 0 ? NO_TRAFFIC : launchedBy(op);
    const dispatches = isLastDispatcher ? 1 : 0;
    const { hostOps, hostBytesUploaded } = hostWorkOf(this.#graph, op);
    const launched = { dispatches, invocations, hostOps, hostBytesUploaded, gpuNs, wallMs: null };
    if (op.placement === "view") {
      return { bytesRead: 0, bytesWritten: 0, activations: 0, ...launched };
    }
    const bytesReadOutside = bytesRead(this.#graph, op, (id) => {
      const value = this.#fromOutside(id, group);
      if (value === undefined || this.#readIn[value] !== group) return value;
      return this.#firstReader[value] === op.id ? value : undefined;
    });
    const written = op.results.filter((value) => this.#isNeededOutside(value, group));
    return {
      bytesRead: bytesReadOutside,
      bytesWritten: bytes(this.#graph, written),
      activations: activationsOf(this.#graph, op),
      ...launched,
    };
  }

  /**
   * The value from outside that is read where an op reads this one: itself, or what a view inside
   * shows whole; undefined where it is made inside.
   */
  #fromOutside(id: ValueId, group: number): ValueId | undefined {
    const value = valueAt(this.#graph, id);
    const maker = value.kind === "result" ? opAt(this.#graph, value.op) : undefined;
    if (maker === undefined || this.#groupOf[maker.id] !== group) return id;
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
    const { usersOf, isResult } = analyse(this.#graph, uses);
    return (
      isResult(value) ||
      usersOf(value).some((user) => {
        if (this.#groupOf[user] !== group) return true;
        const op = opAt(this.#graph, user);
        return (
          op.placement === "view" && op.results.some((view) => this.#isNeededOutside(view, group))
        );
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

/** Whether an operand stays as it is where a dispatch stores nothing, and is not read. */
function isKept({ attrs }: Op, name: string): boolean {
  const { keeps } = attrs;
  return Array.isArray(keeps) && keeps.includes(name);
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
    const source = operand === undefined || isKept(op, name) ? undefined : sourceOf(operand);
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

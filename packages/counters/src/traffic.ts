import {
  analyse,
  bytesOf,
  type Graph,
  type Group,
  invocationsOf,
  type Op,
  type OpId,
  uses,
  type ValueId,
  valueAt,
} from "@opcounter/ir";
import { NO_TRAFFIC, type Traffic } from "./cost-sum.ts";

/**
 * Bytes and dispatches of each op of a graph.
 *
 * An op reads its operands and writes its results; a view moves nothing, and a slice or gather reads
 * only what it takes. The ops of a group run as one kernel: what one of them makes for another is
 * neither written nor read, what several take from outside is read once, by the first that takes all
 * of it, and the group is one dispatch, made by its last op that has any.
 */
export function trafficOf(graph: Graph): (op: Op) => Traffic {
  const groupOf = new Map<OpId, GroupTraffic>();
  for (const group of graph.groups) {
    const traffic = new GroupTraffic(graph, group);
    for (const op of group.ops) groupOf.set(op, traffic);
  }
  return (op) => groupOf.get(op.id)?.of(op) ?? alone(graph, op);
}

function alone(graph: Graph, op: Op): Traffic {
  const launched = launchedBy(op);
  if (op.placement === "view") return { ...NO_TRAFFIC, ...launched };
  return {
    bytesRead: Object.entries(op.operands).reduce(
      (total, [name, id]) => total + bytesReadOf(graph, op, name, id),
      0n,
    ),
    bytesWritten: bytes(graph, op.results),
    ...launched,
  };
}

/** What an op's dispatches launch, and how long they took together. */
function launchedBy({ dispatches }: Op): Pick<Traffic, "dispatches" | "invocations" | "gpuNs"> {
  let invocations = 0n;
  let gpuNs: number | null = null;
  for (const dispatch of dispatches) {
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
      const op = graph.ops[id];
      if (op === undefined || op.placement === "view") continue;
      for (const [name, value] of Object.entries(op.operands)) {
        const isFirst = !isPartlyRead(op, name) && !this.#firstReader.has(value);
        if (isFirst) this.#firstReader.set(value, id);
      }
    }
    this.#lastDispatcher = ops.findLast((id) => (graph.ops[id]?.dispatches.length ?? 0) > 0);
  }

  of(op: Op): Traffic {
    // As one kernel the group is one dispatch; what its ops launched and took is still theirs.
    const launched = { ...launchedBy(op), dispatches: op.id === this.#lastDispatcher ? 1 : 0 };
    if (op.placement === "view") return { ...NO_TRAFFIC, ...launched };
    const read = new Map(
      Object.entries(op.operands)
        .filter(([, id]) => (this.#firstReader.get(id) ?? op.id) === op.id)
        .filter(([, id]) => !this.#isMadeInside(id))
        .map(([name, id]) => [id, bytesReadOf(this.#graph, op, name, id)]),
    );
    const written = op.results.filter((value) => this.#isNeededOutside(value));
    return {
      bytesRead: [...read.values()].reduce((total, each) => total + each, 0n),
      bytesWritten: bytes(this.#graph, written),
      ...launched,
    };
  }

  #isMadeInside(id: ValueId): boolean {
    const value = valueAt(this.#graph, id);
    return value.kind === "result" && this.#inside.has(value.op);
  }

  #isNeededOutside(value: ValueId): boolean {
    const { usersOf, isResult } = analyse(this.#graph, uses);
    return isResult(value) || usersOf(value).some((user) => !this.#inside.has(user));
  }
}

/**
 * Kernels that take a part of an operand: they read as much of it as they give, as XLA counts slices
 * and gathers. Where a gather takes a row twice, it is read twice.
 */
const PARTLY_READ: Readonly<Record<string, string>> = {
  Slice: "x",
  StridedSlice: "x",
  GatherV2: "x",
  GatherNd: "params",
};

function isPartlyRead({ kernel }: Op, name: string): boolean {
  return PARTLY_READ[kernel] === name;
}

/** Bytes that an op reads of one operand. */
function bytesReadOf(graph: Graph, op: Op, name: string, id: ValueId): bigint {
  return isPartlyRead(op, name) ? bytes(graph, op.results) : bytes(graph, [id]);
}

function bytes(graph: Graph, ids: readonly ValueId[]): bigint {
  return ids.reduce((total, id) => total + BigInt(bytesOf(valueAt(graph, id))), 0n);
}

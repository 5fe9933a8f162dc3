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
 * An op reads its operands and writes its results; a view moves nothing. The ops of a group run as
 * one kernel: what one of them makes for another is neither written nor read, what several take
 * from outside is read once, by the first, and the group is one dispatch, made by its last op that
 * has any.
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
    bytesRead: bytes(graph, Object.values(op.operands)),
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
  /** By value from outside: the op that reads it first. */
  readonly #firstReader = new Map<ValueId, OpId>();
  readonly #lastDispatcher: OpId | undefined;

  constructor(graph: Graph, { ops }: Group) {
    this.#graph = graph;
    this.#inside = new Set(ops);
    for (const id of ops) {
      const op = graph.ops[id];
      if (op === undefined || op.placement === "view") continue;
      for (const value of Object.values(op.operands)) {
        if (!this.#firstReader.has(value)) this.#firstReader.set(value, id);
      }
    }
    this.#lastDispatcher = ops.findLast((id) => (graph.ops[id]?.dispatches.length ?? 0) > 0);
  }

  of(op: Op): Traffic {
    // As one kernel the group is one dispatch; what its ops launched and took is still theirs.
    const launched = { ...launchedBy(op), dispatches: op.id === this.#lastDispatcher ? 1 : 0 };
    if (op.placement === "view") return { ...NO_TRAFFIC, ...launched };
    const read = [...new Set(Object.values(op.operands))].filter(
      (value) => this.#firstReader.get(value) === op.id && !this.#isMadeInside(value),
    );
    const written = op.results.filter((value) => this.#isNeededOutside(value));
    return {
      bytesRead: bytes(this.#graph, read),
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

function bytes(graph: Graph, ids: readonly ValueId[]): bigint {
  return ids.reduce((total, id) => total + BigInt(bytesOf(valueAt(graph, id))), 0n);
}

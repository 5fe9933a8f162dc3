import { type Analysis, analyse } from "../analysis.ts";
import { elementAt } from "../element-at.ts";
import {
  forEachOperand,
  type Graph,
  type OpId,
  type Value,
  type ValueId,
  valueAt,
} from "../graph.ts";
import { bytesOf } from "../types.ts";

/** Index of a buffer in `Liveness.bufferBytes`. */
export type BufferId = number;

/**
 * When the memory of each value is needed. While an op runs, all its operands and results are
 * alive. The result of a view (placement `view`) lives in the buffers of its operands. So these
 * stay alive as long as any view of them is used.
 *
 * Inputs, parameters and constants are resident: the caller of the model holds them for the whole
 * pass. Results of the graph live to its end. Arrays are typed arrays, because a graph may have
 * millions of ops.
 */
export interface Liveness {
  /** The peak of the bytes alive: the resident ones, and the values alive at the worst op. */
  readonly peakBytes: number;
  /** The ops that run while `peakBytes` are alive, ascending; empty where the graph has no op. */
  readonly peakOps: readonly OpId[];
  /** Bytes of inputs, parameters and constants. */
  readonly residentBytes: number;
  /** By op: the bytes alive while it runs, resident ones included. */
  readonly bytesAt: Float64Array;
  /** By value: the op that makes it; −1 for a value that exists before the first op. */
  readonly birth: Int32Array;
  /** By value: the last op that uses it, or the op that makes it; the op count for a result. */
  readonly death: Int32Array;
  /** Bytes of each buffer. */
  readonly bufferBytes: Float64Array;
  /** By buffer: the first birth and the last death of the values that live in it. */
  readonly bufferBirth: Int32Array;
  readonly bufferDeath: Int32Array;
  /** The buffers that a value lives in: one, or two for a complex tensor made of two real ones. */
  readonly buffersOf: (value: ValueId) => readonly BufferId[];
}

/** The lifetimes of a graph's values and buffers. Takes time linear in its size. */
export const liveness: Analysis<Liveness> = {
  name: "liveness",
  ignoresGroups: true,
  run: computeLiveness,
};

/** The buffers that each value lives in: nearly always one. Views of several operands are rare. */
class Storage {
  readonly #first: Int32Array;
  readonly #several = new Map<ValueId, readonly BufferId[]>();
  /** By buffer. Each is made by a value, so there are no more of them than values. */
  readonly #bytes: Float64Array;
  #count = 0;

  constructor(valueCount: number) {
    this.#first = new Int32Array(valueCount).fill(-1);
    this.#bytes = new Float64Array(valueCount);
  }

  get bytes(): Float64Array {
    return this.#bytes.slice(0, this.#count);
  }

  allocate(value: ValueId, bytes: number): void {
    this.#first[value] = this.#count;
    this.#bytes[this.#count++] = bytes;
  }

  /** Puts a value into the buffers of others. */
  share(value: ValueId, owners: readonly ValueId[]): void {
    const [owner] = owners;
    if (owner !== undefined && owners.length === 1 && !this.#several.has(owner)) {
      this.#first[value] = elementAt(this.#first, owner);
      return;
    }
    const buffers = [...new Set(owners.flatMap((owner) => this.buffersOf(owner)))];
    this.#first[value] = buffers[0] ?? -1;
    if (buffers.length > 1) this.#several.set(value, buffers);
  }

  buffersOf = (value: ValueId): readonly BufferId[] => {
    const first = elementAt(this.#first, value);
    if (first === -1) return [];
    return this.#several.get(value) ?? [first];
  };

  /** Calls `take` with each buffer that a value lives in, without a list of them. */
  forEachBuffer(value: ValueId, take: (buffer: BufferId) => void): void {
    const first = elementAt(this.#first, value);
    if (first === -1) return;
    const several = this.#several.get(value);
    if (several === undefined) take(first);
    else several.forEach(take);
  }
}

function computeLiveness(graph: Graph): Liveness {
  const { birth, death } = valueLifetimes(graph);
  const storage = allocate(graph);
  const bufferBytes = storage.bytes;
  const bufferBirth = new Int32Array(bufferBytes.length).fill(graph.ops.length);
  const bufferDeath = new Int32Array(bufferBytes.length).fill(-1);
  for (let id = 0; id < birth.length; id++) {
    storage.forEachBuffer(id, (buffer) => {
      bufferBirth[buffer] = Math.min(elementAt(bufferBirth, buffer), elementAt(birth, id));
      bufferDeath[buffer] = Math.max(elementAt(bufferDeath, buffer), elementAt(death, id));
    });
  }
  const { bytesAt, residentBytes } = sumAlive(graph, bufferBytes, bufferBirth, bufferDeath);
  const peakBytes = bytesAt.reduce((peak, bytes) => Math.max(peak, bytes), residentBytes);
  const peakOps: OpId[] = [];
  bytesAt.forEach((bytes, op) => {
    if (bytes === peakBytes) peakOps.push(op);
  });
  const { buffersOf } = storage;
  const buffers = { bufferBytes, bufferBirth, bufferDeath, buffersOf };
  return { peakBytes, peakOps, residentBytes, bytesAt, birth, death, ...buffers };
}

function valueLifetimes(graph: Graph): { birth: Int32Array; death: Int32Array } {
  const end = graph.ops.length;
  const birth = new Int32Array(graph.values.length).fill(-1);
  const death = new Int32Array(graph.values.length).fill(end);
  for (let op = 0; op < end; op++) {
    const { operands, results } = elementAt(graph.ops, op);
    for (const id of results) {
      birth[id] = op;
      death[id] = op;
    }
    forEachOperand(operands, (id) => {
      if (elementAt(birth, id) !== -1) death[id] = op;
    });
  }
  for (const id of graph.results) death[id] = end;
  return { birth, death };
}

const NONE: readonly ValueId[] = [];

function allocate(graph: Graph): Storage {
  const storage = new Storage(graph.values.length);
  for (let id = 0; id < graph.values.length; id++) {
    const value = elementAt(graph.values, id);
    if (value.kind !== "result") storage.allocate(id, bytesOf(value));
  }
  for (let id = 0; id < graph.ops.length; id++) {
    const op = elementAt(graph.ops, id);
    const owners = op.placement === "view" ? Object.values(op.operands) : NONE;
    for (const id of op.results) {
      if (owners.length > 0) storage.share(id, owners);
      else storage.allocate(id, bytesOf(valueAt(graph, id)));
    }
  }
  return storage;
}

/** The bytes alive while each op runs: the sum of what is born so far minus what has died. */
function sumAlive(
  graph: Graph,
  bytes: Float64Array,
  birth: Int32Array,
  death: Int32Array,
): { bytesAt: Float64Array; residentBytes: number } {
  let residentBytes = 0;
  const change = new Float64Array(graph.ops.length + 1);
  bytes.forEach((size, buffer) => {
    const born = elementAt(birth, buffer);
    if (born === -1) {
      residentBytes += size;
      return;
    }
    const after = Math.min(elementAt(death, buffer) + 1, graph.ops.length);
    change[born] = elementAt(change, born) + size;
    change[after] = elementAt(change, after) - size;
  });
  const bytesAt = new Float64Array(graph.ops.length);
  let alive = residentBytes;
  for (let op = 0; op < bytesAt.length; op++) {
    alive += elementAt(change, op);
    bytesAt[op] = alive;
  }
  return { bytesAt, residentBytes };
}

/** The values that are needed while an op runs, in order of definition. */
export function valuesAliveAt(graph: Graph, op: OpId): Value[] {
  const { birth, death } = analyse(graph, liveness);
  return graph.values.filter(({ id }) => elementAt(birth, id) <= op && op <= elementAt(death, id));
}

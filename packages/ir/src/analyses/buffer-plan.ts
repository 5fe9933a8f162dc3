import { type Analysis, analyse } from "../analysis.ts";
import { elementAt } from "../element-at.ts";
import type { Graph } from "../graph.ts";
import { type Liveness, liveness } from "./liveness.ts";

/** Index of a slot in `BufferPlan.slotBytes`. */
export type SlotId = number;

/** Which buffers of a pass can share memory, one after the other. */
export interface BufferPlan {
  /** By buffer: its slot; −1 for a resident or empty buffer, which needs none. */
  readonly slotOf: Int32Array;
  /** The size of each slot: that of its largest buffer. */
  readonly slotBytes: readonly number[];
  /** Bytes of all slots and all resident buffers: what the plan needs. At least `peakBytes`. */
  readonly totalBytes: number;
}

/**
 * A plan to reuse buffers. In order of execution, each new buffer takes the smallest free slot that
 * is large enough. If none is, the largest free slot grows to its size. If no slot is free, the
 * plan adds one. Two buffers in one slot are never alive at the same op.
 */
export const bufferPlan: Analysis<BufferPlan> = {
  name: "buffer-plan",
  ignoresGroups: true,
  run: (graph) => planBuffers(graph, analyse(graph, liveness)),
};

function planBuffers(graph: Graph, lifetimes: Liveness): BufferPlan {
  const { bufferBytes, bufferBirth, residentBytes } = lifetimes;
  const slotOf = new Int32Array(bufferBytes.length).fill(-1);
  const slotBytes: number[] = [];
  const free = new FreeSlots(slotBytes);
  const { last, before } = byDeath(graph, lifetimes);
  // Buffers have numbers in order of birth. Resident buffers come first.
  let next = 0;
  while (bufferBirth[next] === -1) next++;
  for (let op = 0; op < graph.ops.length; op++) {
    for (let dead = last[op - 1] ?? -1; dead !== -1; dead = elementAt(before, dead)) {
      const slot = elementAt(slotOf, dead);
      if (slot !== -1) free.add(slot);
    }
    for (; bufferBirth[next] === op; next++) {
      const bytes = elementAt(bufferBytes, next);
      if (bytes > 0) slotOf[next] = takeSlot(bytes, free, slotBytes);
    }
  }
  const totalBytes = slotBytes.reduce((total, bytes) => total + bytes, residentBytes);
  return { slotOf, slotBytes, totalBytes };
}

function takeSlot(bytes: number, free: FreeSlots, slotBytes: number[]): SlotId {
  const slot = free.take(bytes) ?? slotBytes.length;
  slotBytes[slot] = Math.max(slotBytes[slot] ?? 0, bytes);
  return slot;
}

/** The free slots, in order of size. */
class FreeSlots {
  readonly #slots: SlotId[] = [];

  constructor(readonly slotBytes: readonly number[]) {}

  add(slot: SlotId): void {
    this.#slots.splice(this.#placeOf(elementAt(this.slotBytes, slot)), 0, slot);
  }

  /**
   * Takes the smallest slot of at least this size, or else the largest; undefined if none is free.
   */
  take(bytes: number): SlotId | undefined {
    const place = Math.min(this.#placeOf(bytes), this.#slots.length - 1);
    return this.#slots.splice(place, 1)[0];
  }

  /** The place of the first slot of at least this size. */
  #placeOf(bytes: number): number {
    let low = 0;
    let high = this.#slots.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      const slot = elementAt(this.#slots, middle);
      if (elementAt(this.slotBytes, slot) < bytes) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/**
 * The buffers by the op that uses them last, as linked lists in two flat arrays: by op the last one,
 * and by buffer the one before it; −1 where there is none.
 */
function byDeath(
  graph: Graph,
  { bufferDeath }: Liveness,
): { readonly last: Int32Array; readonly before: Int32Array } {
  const last = new Int32Array(graph.ops.length + 1).fill(-1);
  const before = new Int32Array(bufferDeath.length).fill(-1);
  bufferDeath.forEach((op, buffer) => {
    before[buffer] = elementAt(last, op);
    last[op] = buffer;
  });
  return { last, before };
}

import { type BufferUse, elementAt } from "@opcounter/ir/core";
import type { DataId } from "../tfjs/engine.ts";
import { FLAGS } from "./globals.ts";

/** A buffer while the pass has it. Memory that is reused is another buffer then. */
export type BufferSerial = number;

/** A buffer, or what stands for one. */
type LedgerBuffer = Pick<GPUBuffer, "size" | "usage">;

/** What a buffer is for, its size, and the data that it was first seen to hold. */
interface Held {
  readonly bytes: number;
  readonly use: BufferUse;
  data: DataId | undefined;
}

const NOT_IN_USE = -1;

/** The buffers that a pass has in use, from an empty device on. */
export class BufferLedger {
  /** A free buffer stays, since most are used again: V8 rebuilds a map that entries come and go in. */
  readonly #serials = new Map<object, BufferSerial | typeof NOT_IN_USE>();
  readonly #held: Held[] = [];
  /** What happened, in order: `serial` was taken into use, or `~serial` given back. */
  readonly #log: number[] = [];
  #used = 0;
  #allocated = 0;
  #peakUsed = 0;
  #peakAllocated = 0;
  /** How much of the log leads to `#peakUsed`. */
  #peakAt = 0;

  /** The buffer is in use from now on; `isNew` where it was not allocated before. */
  take(buffer: LedgerBuffer, isNew: boolean): BufferSerial {
    const bytes = buffer.size;
    const serial = this.#held.push({ bytes, use: useOf(buffer.usage), data: undefined }) - 1;
    this.#serials.set(buffer, serial);
    this.#log.push(serial);
    this.#used += bytes;
    if (isNew) this.#allocated += bytes;
    this.#peakAllocated = Math.max(this.#peakAllocated, this.#allocated);
    if (this.#used > this.#peakUsed) {
      this.#peakUsed = this.#used;
      this.#peakAt = this.#log.length;
    }
    return serial;
  }

  /** The buffer is no longer in use; `isFreed` where its memory is given back too. */
  giveBack(buffer: LedgerBuffer, isFreed: boolean): void {
    const serial = this.serialOf(buffer);
    if (serial === undefined) return;
    if (isFreed) this.#serials.delete(buffer);
    else this.#serials.set(buffer, NOT_IN_USE);
    this.#log.push(~serial);
    this.#used -= buffer.size;
    if (isFreed) this.#allocated -= buffer.size;
  }

  /** Notes what a buffer holds. False where it is no part of the pass, or no buffer. */
  holds(buffer: object, data: DataId): boolean {
    const serial = this.#serials.get(buffer);
    if (serial === undefined || serial === NOT_IN_USE) return false;
    elementAt(this.#held, serial).data ??= data;
    return true;
  }

  /** Undefined for a buffer that is no part of the pass. */
  serialOf(buffer: LedgerBuffer): BufferSerial | undefined {
    const serial = this.#serials.get(buffer);
    return serial === NOT_IN_USE ? undefined : serial;
  }

  /** The most bytes in use and allocated at once, and what gives the buffers in use at the first. */
  get peak() {
    const log = this.#log;
    const held = this.#held;
    const end = this.#peakAt;
    return {
      usedBytes: this.#peakUsed,
      allocatedBytes: this.#peakAllocated,
      buffers: () => inUseAt(log, held, end),
    };
  }
}

/** The buffers in use after so many entries of a log. */
function inUseAt(log: readonly number[], held: readonly Held[], end: number) {
  const inUse = new Set<BufferSerial>();
  for (const entry of log.slice(0, end)) {
    if (entry < 0) inUse.delete(~entry);
    else inUse.add(entry);
  }
  return [...inUse].flatMap((serial) => {
    const buffer = held[serial];
    return buffer === undefined ? [] : [{ serial, ...buffer }];
  });
}

export function useOf(usage: number): BufferUse {
  // Not the global: what a page recorded is counted in Node, which has none.
  const { UNIFORM, MAP_READ, MAP_WRITE, QUERY_RESOLVE } = FLAGS.GPUBufferUsage;
  if ((usage & UNIFORM) !== 0) return "uniform";
  if ((usage & (MAP_READ | MAP_WRITE)) !== 0) return "staging";
  return (usage & QUERY_RESOLVE) !== 0 ? "query" : "storage";
}

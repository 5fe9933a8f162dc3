import { rangeOf } from "../wgsl/operations.ts";
import { ATOMICS, type AtomicName } from "../wgsl/program.ts";
import type { ScalarKind } from "../wgsl/types.ts";
import { type Lanes, unknown } from "./lanes.ts";
import { type Mask, NEVER } from "./mask.ts";

/** What invocations share, as they read and write it. Addresses are in words. */
export interface SharedMemory {
  load(address: Lanes, kind: ScalarKind, into: Lanes): Lanes;
  store(address: Lanes, kind: ScalarKind, value: Lanes, mask: Mask): void;
  atomic(
    name: AtomicName,
    address: Lanes,
    kind: ScalarKind,
    args: readonly Lanes[],
    mask: Mask,
    old: Lanes,
    exchanged: Lanes | undefined,
  ): void;
}

/** Memory whose contents are not known: what is enough to count. */
export const UNKNOWN_MEMORY: SharedMemory = {
  load: (_address, kind, into) => unknown(into, rangeOf(kind)),
  store: () => undefined,
  atomic(_name, _address, kind, _args, _mask, old, exchanged) {
    unknown(old, rangeOf(kind));
    if (exchanged !== undefined) unknown(exchanged, rangeOf("bool"));
  },
};

/** So many words are looked through for the least and the greatest; of more, neither is known. */
const MAX_LOOKED_THROUGH = 64;

/** 32-bit words, as each kind of scalar sees them. */
export class Words {
  readonly #floats: Float32Array;
  readonly #signed: Int32Array;
  readonly #unsigned: Uint32Array;

  /** @param offset in bytes, as `size`; both are multiples of 4. */
  constructor(buffer: ArrayBuffer, offset = 0, size = buffer.byteLength - offset) {
    const words = Math.floor(size / 4);
    this.#floats = new Float32Array(buffer, offset, words);
    this.#signed = new Int32Array(buffer, offset, words);
    this.#unsigned = new Uint32Array(buffer, offset, words);
  }

  as(kind: ScalarKind): Float32Array | Int32Array | Uint32Array {
    if (kind === "f32") return this.#floats;
    return kind === "i32" ? this.#signed : this.#unsigned;
  }
}

/** Memory with contents. What is outside reads as 0 and is not written. */
export function knownMemory(contents: Words): SharedMemory {
  return {
    load(address, kind, into) {
      const words = contents.as(kind);
      into.step = address.step;
      into.isExact = address.isExact;
      into.depends = address.depends;
      const count = address.step === 0 ? 1 : into.size;
      for (let lane = 0; lane < count; lane++) {
        if (address.isExact) into.low[lane] = words[address.lowAt(lane)] ?? 0;
        else lookThrough(words, kind, address, into, lane);
      }
      return into;
    },
    store(address, kind, value, mask) {
      const words = contents.as(kind);
      for (let lane = 0; lane < mask.lanes.length; lane++) {
        const place = address.lowAt(lane);
        if (mask.lanes[lane] !== NEVER && place in words) words[place] = value.lowAt(lane);
      }
    },
    atomic(name, address, kind, args, mask, old, exchanged) {
      const words = contents.as(kind);
      old.fill(0).spread();
      exchanged?.fill(0).spread();
      const [value, expected] = args;
      const change = ATOMICS[name];
      for (let lane = 0; lane < mask.lanes.length; lane++) {
        const place = address.lowAt(lane);
        if (mask.lanes[lane] === NEVER || !(place in words)) continue;
        const before = words[place] ?? 0;
        const wanted = expected?.lowAt(lane) ?? 0;
        words[place] = change(before, value?.lowAt(lane) ?? 0, wanted);
        old.low[lane] = before;
        if (exchanged !== undefined) exchanged.low[lane] = before === wanted ? 1 : 0;
      }
    },
  };
}

/** Finds between which values those are that an address may be of. */
function lookThrough(
  words: Float32Array | Int32Array | Uint32Array,
  kind: ScalarKind,
  address: Lanes,
  into: Lanes,
  lane: number,
): void {
  const [from, to] = [address.lowAt(lane), address.highAt(lane)];
  const isShort = to - from < MAX_LOOKED_THROUGH;
  const values = isShort ? words.subarray(Math.max(from, 0), to + 1) : [];
  const [least, most] = rangeOf(kind);
  const isKnown = values.length > to - from && !values.some(Number.isNaN);
  into.low[lane] = isKnown ? Math.min(...values) : least;
  into.high[lane] = isKnown ? Math.max(...values) : most;
}

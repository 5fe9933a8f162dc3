import { rangeOf } from "../wgsl/operations.ts";
import { ATOMICS, type AtomicName, type Memory } from "../wgsl/program.ts";
import type { ScalarKind } from "../wgsl/types.ts";
import { type Lanes, unknown } from "./lanes.ts";
import { type Mask, NEVER } from "./mask.ts";

/** What invocations share, as they read and write it. Addresses are in words. */
export interface SharedMemory {
  load(address: Lanes, into: Lanes): Lanes;
  store(address: Lanes, value: Lanes, mask: Mask): void;
  atomic(
    name: AtomicName,
    address: Lanes,
    args: readonly Lanes[],
    mask: Mask,
    old: Lanes,
    exchanged: Lanes | undefined,
  ): void;
}

/** Memory whose contents are not known: what is enough to count. */
export function unknownMemory({ kind }: Memory): SharedMemory {
  const range = rangeOf(kind);
  return {
    load: (_address, into) => unknown(into, range),
    store: () => undefined,
    atomic(_name, _address, _args, _mask, old, exchanged) {
      unknown(old, range);
      if (exchanged !== undefined) unknown(exchanged, rangeOf("bool"));
    },
  };
}

/** 32-bit words, as a kind of scalar sees them. */
export function wordsAs(kind: ScalarKind, bytes: ArrayBuffer) {
  const words = Math.floor(bytes.byteLength / 4);
  if (kind === "f32") return new Float32Array(bytes, 0, words);
  return kind === "u32" ? new Uint32Array(bytes, 0, words) : new Int32Array(bytes, 0, words);
}

/** Memory with contents. What is outside reads as 0 and is not written. */
export function knownMemory({ kind }: Memory, bytes: ArrayBuffer): SharedMemory {
  const words = wordsAs(kind, bytes);
  const isInside = (place: number) => place >= 0 && place < words.length;
  return {
    load(address, into) {
      into.step = address.step;
      into.isExact = true;
      into.depends = 0;
      const count = address.step === 0 ? 1 : into.size;
      for (let lane = 0; lane < count; lane++) into.low[lane] = words[address.lowAt(lane)] ?? 0;
      return into;
    },
    store(address, value, mask) {
      for (let lane = 0; lane < mask.lanes.length; lane++) {
        const place = address.lowAt(lane);
        if (mask.lanes[lane] !== NEVER && isInside(place)) words[place] = value.lowAt(lane);
      }
    },
    atomic(name, address, args, mask, old, exchanged) {
      old.fill(0).spread();
      exchanged?.fill(0).spread();
      const [value, expected] = args;
      const change = ATOMICS[name];
      for (let lane = 0; lane < mask.lanes.length; lane++) {
        const place = address.lowAt(lane);
        if (mask.lanes[lane] === NEVER || !isInside(place)) continue;
        const before = words[place] ?? 0;
        const wanted = expected?.lowAt(lane) ?? 0;
        words[place] = change(before, value?.lowAt(lane) ?? 0, wanted);
        old.low[lane] = before;
        if (exchanged !== undefined) exchanged.low[lane] = before === wanted ? 1 : 0;
      }
    },
  };
}

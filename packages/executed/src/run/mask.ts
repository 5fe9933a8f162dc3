import { elementAt } from "@opcounter/ir/core";

/** Whether an invocation runs a statement: it does not, it does, or it may. */
export const NEVER = 0;
export const ALWAYS = 1;
export const MAYBE = 2;

/** Which invocations of a workgroup run something, and how often they ran each block. */
export class Mask {
  readonly runs: Float64Array;
  /** Whether it ran any block; see `Masks.used`. */
  isUsed = false;
  /** How many invocations surely run it, and how many at most. */
  readonly least: number;
  readonly most: number;

  constructor(
    readonly lanes: Uint8Array,
    blocks: number,
  ) {
    this.runs = new Float64Array(blocks);
    let [least, most] = [0, 0];
    for (const lane of lanes) {
      if (lane === ALWAYS) least++;
      if (lane !== NEVER) most++;
    }
    this.least = least;
    this.most = most;
  }

  get isEmpty(): boolean {
    return this.most === 0;
  }

  /** Whether every invocation of the workgroup runs it. */
  get isFull(): boolean {
    return this.least === this.lanes.length;
  }

  /** Whether some invocation may run it and may not. */
  get isUncertain(): boolean {
    return this.most > this.least;
  }
}

/** The masks of a workgroup's run, each once, so that equal masks are the same object. */
export class Masks {
  readonly #known = new Map<number, Mask[]>();
  readonly full: Mask;
  readonly empty: Mask;
  /** Those that ran a block. */
  readonly used: Mask[] = [];
  readonly #blocks: number;
  #count = 0;

  constructor(invocations: number, blocks: number) {
    this.#blocks = blocks;
    this.full = this.of(new Uint8Array(invocations).fill(ALWAYS));
    this.empty = this.of(new Uint8Array(invocations));
  }

  /** Forgets how often blocks were run, for another run. */
  reset(): void {
    for (const mask of this.used) {
      mask.runs.fill(0);
      mask.isUsed = false;
    }
    this.used.length = 0;
    if (this.#count > MAX_KEPT) {
      this.#known.clear();
      this.#count = 0;
      this.#keep(this.full);
      this.#keep(this.empty);
    }
  }

  /** Notes that the invocations of a mask run a block. */
  count(mask: Mask, block: number): void {
    mask.runs[block] = elementAt(mask.runs, block) + 1;
    if (mask.isUsed) return;
    mask.isUsed = true;
    this.used.push(mask);
  }

  of(lanes: Uint8Array): Mask {
    const same = this.#known.get(hashOf(lanes))?.find((mask) => isEqual(mask.lanes, lanes));
    return same ?? this.#keep(new Mask(lanes.slice(), this.#blocks));
  }

  #keep(mask: Mask): Mask {
    const hash = hashOf(mask.lanes);
    const bucket = this.#known.get(hash);
    if (bucket === undefined) this.#known.set(hash, [mask]);
    else bucket.push(mask);
    this.#count++;
    return mask;
  }

  /** Those of a mask that are not in another, which is part of it or may be. */
  without(mask: Mask, gone: Mask): Mask {
    if (gone.isEmpty) return mask;
    return this.#combine(mask, gone, (lane, other) =>
      lane === NEVER || other === ALWAYS ? NEVER : other === NEVER ? lane : MAYBE,
    );
  }

  /** Those in either of two masks. */
  union(a: Mask, b: Mask): Mask {
    if (a.isEmpty || a === b) return b;
    if (b.isEmpty) return a;
    return this.#combine(a, b, (lane, other) =>
      lane === ALWAYS || other === ALWAYS ? ALWAYS : lane === NEVER ? other : MAYBE,
    );
  }

  #combine(a: Mask, b: Mask, lane: (a: number, b: number) => number): Mask {
    const lanes = new Uint8Array(a.lanes.length);
    for (let i = 0; i < lanes.length; i++) {
      lanes[i] = lane(elementAt(a.lanes, i), elementAt(b.lanes, i));
    }
    return this.of(lanes);
  }
}

/** More than a workgroup parts into, unless each of thousands does in its own way. */
const MAX_KEPT = 256;

function hashOf(lanes: Uint8Array): number {
  let hash = 0;
  for (const lane of lanes) hash = (Math.imul(hash, 31) + lane) | 0;
  return hash;
}

function isEqual(a: Uint8Array, b: Uint8Array): boolean {
  for (let i = 0; i < a.length; i++) {
    if (a[i] !== b[i]) return false;
  }
  return true;
}

import { type Bounds, findBounds, type Intervals, type Operation } from "../wgsl/operations.ts";

/** The bits of `Lanes.depends`: the coordinates of a workgroup, and contents of buffers. */
export const DEPENDS_ON_DATA = 8;

/**
 * One scalar of every invocation of a workgroup: an interval in which its value is. `step` is 0
 * where all invocations have the first value, and 1 where each has its own.
 */
export class Lanes {
  step: 0 | 1 = 0;
  /** Whether `high` is to be ignored, since every interval is one value. */
  isExact = true;
  /**
   * What intervals are wider for than one value: bit 0, 1 or 2 for a coordinate of the workgroup,
   * `DEPENDS_ON_DATA` for contents of buffers.
   */
  depends = 0;
  readonly low: Float64Array;
  readonly high: Float64Array;

  constructor(size: number) {
    this.low = new Float64Array(size);
    this.high = new Float64Array(size);
  }

  get size(): number {
    return this.low.length;
  }

  lowAt(lane: number): number {
    return this.low[lane * this.step] ?? 0;
  }

  highAt(lane: number): number {
    return (this.isExact ? this.low : this.high)[lane * this.step] ?? 0;
  }

  /** The same value for all invocations. */
  fill(value: number): this {
    this.step = 0;
    this.isExact = true;
    this.depends = 0;
    this.low[0] = value;
    return this;
  }

  fillBounds([low, high]: Bounds, depends: number): this {
    this.step = 0;
    this.isExact = low === high;
    this.depends = this.isExact ? 0 : depends;
    this.low[0] = low;
    this.high[0] = high;
    return this;
  }

  copy(from: Lanes): void {
    this.step = from.step;
    this.isExact = from.isExact;
    this.depends = from.depends;
    if (from.step === 0) {
      this.low[0] = from.low[0] ?? 0;
      this.high[0] = from.high[0] ?? 0;
      return;
    }
    this.low.set(from.low);
    if (!from.isExact) this.high.set(from.high);
  }

  /** Gives each invocation a value of its own, the same as before, so that they can be changed. */
  spread(): void {
    if (this.step === 1) return;
    this.low.fill(this.low[0] ?? 0);
    if (!this.isExact) this.high.fill(this.high[0] ?? 0);
    this.step = 1;
  }

  /** Lets each value be an interval. */
  widen(): void {
    if (!this.isExact) return;
    this.high.set(this.low);
    this.isExact = false;
  }
}

const ZERO = new Lanes(1).fill(0);
const INTERVALS: Intervals = { low: 0, high: 0, a0: 0, a1: 0, b0: 0, b1: 0, c0: 0, c1: 0 };

/** Computes `into` of the values of up to three arguments, for each invocation. */
export function applyOperation(
  operation: Operation,
  into: Lanes,
  a: Lanes,
  b: Lanes = ZERO,
  c: Lanes = ZERO,
): void {
  into.step = a.step | b.step | c.step ? 1 : 0;
  into.isExact = a.isExact && b.isExact && c.isExact;
  const count = into.step === 0 ? 1 : into.size;
  if (into.isExact) {
    into.depends = 0;
    applyExactly(operation, into.low, a, b, c, count);
    return;
  }
  applyToIntervals(operation, into, a, b, c, count);
  into.isExact = isNarrow(into, count);
  into.depends = into.isExact ? 0 : a.depends | b.depends | c.depends;
}

function applyExactly(
  operation: Operation,
  into: Float64Array,
  a: Lanes,
  b: Lanes,
  c: Lanes,
  count: number,
): void {
  const x = a.low;
  const y = b.low;
  const z = c.low;
  const i = a.step;
  const j = b.step;
  const k = c.step;
  for (let lane = 0; lane < count; lane++) {
    into[lane] = operation.evaluate(x[lane * i] ?? 0, y[lane * j] ?? 0, z[lane * k] ?? 0);
  }
}

function applyToIntervals(
  operation: Operation,
  into: Lanes,
  a: Lanes,
  b: Lanes,
  c: Lanes,
  count: number,
): void {
  for (let lane = 0; lane < count; lane++) {
    INTERVALS.a0 = a.lowAt(lane);
    INTERVALS.a1 = a.highAt(lane);
    INTERVALS.b0 = b.lowAt(lane);
    INTERVALS.b1 = b.highAt(lane);
    INTERVALS.c0 = c.lowAt(lane);
    INTERVALS.c1 = c.highAt(lane);
    if (isOneValue(INTERVALS)) {
      const value = operation.evaluate(INTERVALS.a0, INTERVALS.b0, INTERVALS.c0);
      INTERVALS.low = value;
      INTERVALS.high = value;
    } else findBounds(operation, INTERVALS);
    into.low[lane] = INTERVALS.low;
    into.high[lane] = INTERVALS.high;
  }
}

function isOneValue({ a0, a1, b0, b1, c0, c1 }: Intervals): boolean {
  return Object.is(a0, a1) && Object.is(b0, b1) && Object.is(c0, c1);
}

/** Whether every interval is one value after all. */
function isNarrow(lanes: Lanes, count: number): boolean {
  for (let lane = 0; lane < count; lane++) {
    if (!Object.is(lanes.low[lane], lanes.high[lane])) return false;
  }
  return true;
}

/** A value of which only the kind is known. */
export function unknown(into: Lanes, range: Bounds): Lanes {
  return into.fillBounds(range, DEPENDS_ON_DATA);
}

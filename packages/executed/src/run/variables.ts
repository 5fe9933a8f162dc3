import { elementAt } from "@opcounter/ir/core";
import type { Bounds } from "../wgsl/operations.ts";
import type { PrivateArray } from "../wgsl/program.ts";
import { DEPENDS_ON_DATA, Lanes, unknown } from "./lanes.ts";
import { ALWAYS, MAYBE, type Mask } from "./mask.ts";

/** A scalar variable of each invocation. */
export class Variable {
  readonly lanes: Lanes;
  /** The invocations that declared it: no other reads it. */
  #scope: Mask | undefined;

  constructor(invocations: number) {
    this.lanes = new Lanes(invocations);
  }

  declare(value: Lanes, mask: Mask): void {
    this.#scope = mask;
    this.lanes.copy(value);
  }

  /** Writes it for the invocations of a mask. For those that may be among them, both values stay. */
  assign(value: Lanes, mask: Mask): void {
    const { lanes } = this;
    if (mask.isFull || (mask === this.#scope && !mask.isUncertain)) {
      lanes.copy(value);
      return;
    }
    lanes.spread();
    if (!value.isExact || mask.isUncertain) lanes.widen();
    if (mask.isUncertain) lanes.depends |= DEPENDS_ON_DATA;
    lanes.depends |= value.depends;
    for (let lane = 0; lane < lanes.size; lane++) {
      const runs = mask.lanes[lane];
      if (runs === ALWAYS) setLane(lanes, lane, value.lowAt(lane), value.highAt(lane));
      if (runs === MAYBE) joinLane(lanes, lane, value);
    }
  }
}

/** Keeps what a lane had beside another value. A float that may be no number may be anything. */
function joinLane(lanes: Lanes, lane: number, value: Lanes): void {
  const [before, after] = [lanes.lowAt(lane), value.lowAt(lane)];
  if (Object.is(before, after) && lanes.highAt(lane) === value.highAt(lane)) return;
  const low = Math.min(before, after);
  if (Number.isNaN(low)) setLane(lanes, lane, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY);
  else setLane(lanes, lane, low, Math.max(lanes.highAt(lane), value.highAt(lane)));
}

function setLane(lanes: Lanes, lane: number, low: number, high: number): void {
  lanes.low[lane] = low;
  if (!lanes.isExact) lanes.high[lane] = high;
}

/** An array variable of each invocation. Its contents are known exactly, or not at all. */
export class ArrayVariable {
  readonly #values: Float64Array;
  readonly #invocations: number;
  readonly #length: number;
  #isKnown = true;

  constructor({ length }: PrivateArray, invocations: number) {
    this.#values = new Float64Array(length * invocations);
    this.#length = length;
    this.#invocations = invocations;
  }

  clear(): void {
    this.#values.fill(0);
    this.#isKnown = true;
  }

  /** The elements at an index, which is cut to the array as WGSL allows. */
  read(index: Lanes, range: Bounds, into: Lanes): Lanes {
    if (!this.#isKnown || !index.isExact) return unknown(into, range);
    into.step = 1;
    into.isExact = true;
    into.depends = 0;
    for (let lane = 0; lane < this.#invocations; lane++) {
      into.low[lane] = elementAt(this.#values, this.#place(index.lowAt(lane), lane));
    }
    return into;
  }

  write(index: Lanes, value: Lanes, mask: Mask): void {
    if (!index.isExact || !value.isExact || mask.isUncertain) {
      this.#isKnown = false;
      return;
    }
    for (let lane = 0; lane < this.#invocations; lane++) {
      if (mask.lanes[lane] !== ALWAYS) continue;
      this.#values[this.#place(index.lowAt(lane), lane)] = value.lowAt(lane);
    }
  }

  #place(index: number, lane: number): number {
    const within = Math.min(Math.max(index, 0), this.#length - 1);
    return within * this.#invocations + lane;
  }
}

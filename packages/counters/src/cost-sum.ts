import { exact } from "./integer.ts";
import type { Cost } from "./report.ts";

/** The arithmetic of one op or layer; null where the convention has no such figure. */
export interface Arithmetic {
  readonly macs: bigint | null;
  readonly flops: bigint | null;
  readonly transcendentals: bigint | null;
}

/** Bytes and dispatches, which no convention changes. */
export interface Traffic {
  readonly bytesRead: bigint;
  readonly bytesWritten: bigint;
  readonly dispatches: number;
}

export const NO_TRAFFIC: Traffic = { bytesRead: 0n, bytesWritten: 0n, dispatches: 0 };

/** Adds costs up exactly. */
export class CostSum {
  #macs: bigint | null = 0n;
  #flops: bigint | null = 0n;
  #transcendentals: bigint | null = 0n;
  #bytesRead = 0n;
  #bytesWritten = 0n;
  #dispatches = 0;

  add(arithmetic: Arithmetic, traffic: Traffic): void {
    this.#macs = plus(this.#macs, arithmetic.macs);
    this.#flops = plus(this.#flops, arithmetic.flops);
    this.#transcendentals = plus(this.#transcendentals, arithmetic.transcendentals);
    this.#bytesRead += traffic.bytesRead;
    this.#bytesWritten += traffic.bytesWritten;
    this.#dispatches += traffic.dispatches;
  }

  total(): Cost {
    return {
      macs: orNull(this.#macs),
      flops: orNull(this.#flops),
      transcendentals: orNull(this.#transcendentals),
      bytesRead: exact(this.#bytesRead),
      bytesWritten: exact(this.#bytesWritten),
      dispatches: this.#dispatches,
    };
  }
}

/** The cost of one thing. */
export function costOf(arithmetic: Arithmetic, traffic: Traffic): Cost {
  const sum = new CostSum();
  sum.add(arithmetic, traffic);
  return sum.total();
}

function plus(a: bigint | null, b: bigint | null): bigint | null {
  return a === null || b === null ? null : a + b;
}

function orNull(value: bigint | null) {
  return value === null ? null : exact(value);
}

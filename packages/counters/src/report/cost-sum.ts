import { CostTotals, type Joined } from "../costs/values.ts";
import { type Fraction, numberOfFraction } from "../expressions/fraction.ts";
import { type Integer, plus } from "../expressions/integer.ts";
import type { Cost } from "./report.ts";

/** The arithmetic of one op or layer; null where the convention has no such figure. */
export interface Arithmetic {
  readonly macs: Integer | null;
  readonly flops: Integer | null;
  readonly transcendentals: Integer | null;
}

/**
 * A figure that its convention counts.
 *
 * @throws Error where it is null: the caller should have checked that the convention counts it.
 */
export function counted(figure: Integer | null): Integer {
  if (figure === null) throw new Error("a figure is asked for that the convention does not count");
  return figure;
}

/** Bytes moved, work launched on the device, and elements made. No convention changes them. */
export interface Traffic {
  readonly bytesRead: Integer;
  readonly bytesWritten: Integer;
  readonly dispatches: number;
  /** Shader invocations that the dispatches launch, as far as their sizes are known. */
  readonly invocations: Integer;
  /** 1 for an op that runs on the host. */
  readonly hostOps: number;
  /** Bytes of an op on the host that the device takes. */
  readonly hostBytesUploaded: Integer;
  /** Elements that contractions give. */
  readonly activations: Integer;
  /** Time on the device, in nanoseconds; null where none was measured. */
  readonly gpuNs: number | null;
  /** What it costs of the wall time, in milliseconds; null where that was not measured. */
  readonly wallMs: number | null;
}

export const NO_TRAFFIC: Traffic = {
  bytesRead: 0,
  bytesWritten: 0,
  dispatches: 0,
  invocations: 0,
  hostOps: 0,
  hostBytesUploaded: 0,
  activations: 0,
  gpuNs: null,
  wallMs: null,
};

/** Adds costs up exactly, and joins the user's own as each of them says. */
export class CostSum {
  readonly #own: CostTotals | undefined;
  #macs: Integer | null = 0;
  #flops: Integer | null = 0;
  #transcendentals: Integer | null = 0;
  #bytesRead: Integer = 0;
  #bytesWritten: Integer = 0;
  #dispatches = 0;
  #invocations: Integer = 0;
  #hostOps = 0;
  #hostBytesUploaded: Integer = 0;
  #activations: Integer = 0;
  #gpuNs: number | null = null;
  #wallMs: number | null = null;

  /** @param costs the user's own. */
  constructor(costs: readonly Joined[] = []) {
    this.#own = costs.length === 0 ? undefined : new CostTotals(costs);
  }

  /** Takes in a value of one of the user's own costs. */
  addCost(name: string, value: Fraction): void {
    this.#own?.add(name, value);
  }

  add(arithmetic: Arithmetic, traffic: Traffic): void {
    this.#macs = plusOrNull(this.#macs, arithmetic.macs);
    this.#flops = plusOrNull(this.#flops, arithmetic.flops);
    this.#transcendentals = plusOrNull(this.#transcendentals, arithmetic.transcendentals);
    this.#bytesRead = plus(this.#bytesRead, traffic.bytesRead);
    this.#bytesWritten = plus(this.#bytesWritten, traffic.bytesWritten);
    this.#dispatches += traffic.dispatches;
    this.#invocations = plus(this.#invocations, traffic.invocations);
    this.#hostOps += traffic.hostOps;
    this.#hostBytesUploaded = plus(this.#hostBytesUploaded, traffic.hostBytesUploaded);
    this.#activations = plus(this.#activations, traffic.activations);
    // An op that was not measured, such as a view, adds no time. If none was measured, the sum is null.
    if (traffic.gpuNs !== null) this.#gpuNs = (this.#gpuNs ?? 0) + traffic.gpuNs;
    if (traffic.wallMs !== null) this.#wallMs = (this.#wallMs ?? 0) + traffic.wallMs;
  }

  /** Takes in all that another sum has. */
  addAll(other: CostSum): void {
    this.#macs = plusOrNull(this.#macs, other.#macs);
    this.#flops = plusOrNull(this.#flops, other.#flops);
    this.#transcendentals = plusOrNull(this.#transcendentals, other.#transcendentals);
    this.#bytesRead = plus(this.#bytesRead, other.#bytesRead);
    this.#bytesWritten = plus(this.#bytesWritten, other.#bytesWritten);
    this.#dispatches += other.#dispatches;
    this.#invocations = plus(this.#invocations, other.#invocations);
    this.#hostOps += other.#hostOps;
    this.#hostBytesUploaded = plus(this.#hostBytesUploaded, other.#hostBytesUploaded);
    this.#activations = plus(this.#activations, other.#activations);
    if (other.#gpuNs !== null) this.#gpuNs = (this.#gpuNs ?? 0) + other.#gpuNs;
    if (other.#wallMs !== null) this.#wallMs = (this.#wallMs ?? 0) + other.#wallMs;
    if (other.#own !== undefined) this.#own?.addAll(other.#own);
  }

  total(): Cost {
    return {
      macs: this.#macs,
      flops: this.#flops,
      transcendentals: this.#transcendentals,
      bytesRead: this.#bytesRead,
      bytesWritten: this.#bytesWritten,
      dispatches: this.#dispatches,
      invocations: this.#invocations,
      hostOps: this.#hostOps,
      hostBytesUploaded: this.#hostBytesUploaded,
      activations: this.#activations,
      gpuTimeMs: this.#gpuNs === null ? null : this.#gpuNs / 1e6,
      wallTimeMs: this.#wallMs,
      costs: Object.fromEntries(
        [...(this.#own?.values ?? [])].map(([name, value]) => [name, numberOfFraction(value)]),
      ),
    };
  }
}

/** The sum of two figures; null where the convention has none. */
export function plusOrNull(a: Integer | null, b: Integer | null): Integer | null {
  return a === null || b === null ? null : plus(a, b);
}

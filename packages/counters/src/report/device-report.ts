import type {
  FirstPass,
  HostValues,
  HostWork,
  LeftTensors,
  PassPart,
  Unused,
} from "@opcounter/ir/core";
import type { Integer } from "../expressions/integer.ts";

/** What a device with the recorded limits would have refused. */
export interface RefusalRow {
  /** The op that asked for it; null where the framework did. */
  readonly op: number | null;
  readonly kernel: string;
  readonly scope: string;
  /** By its name in `GPUSupportedLimits`. */
  readonly limit: string;
  readonly value: number;
  readonly allowed: number;
}

/**
 * What the backend did on the device while the graph was recorded. Ids of ops are those of the graph
 * as recorded, before any passes.
 */
export interface DeviceReport {
  /** TensorFlow.js's flags that were not as it has them by default. */
  readonly flags: Readonly<Record<string, boolean | number>>;
  /** Pipelines that were compiled, and different shaders that ran. */
  readonly pipelinesCompiled: number;
  readonly shaders: number;
  readonly submits: number;
  readonly uploads: Transfers;
  readonly readbacks: Transfers;
  /** Buffers that were made, taken from the pool of free ones, given back to it, and destroyed. */
  readonly buffers: Readonly<Record<"created" | "reused" | "freed" | "destroyed", Transfers>>;
  readonly refusals: readonly RefusalRow[];
  /** The ops whose results the program read in mid-pass, in order; null for what no op made. */
  readonly reads: readonly ReadRow[];
  /**
   * Tensors that the pass made and left undisposed, the largest first; null where that is not the
   * program's: a model's `predict` disposes of them.
   */
  readonly left: readonly LeftRow[] | null;
  /** Null where that is not known. */
  readonly unused: UnusedReport | null;
  /** What the program read and made itself: what it computed in between is not counted. */
  readonly hostValues: HostValues | null;
  /** What was computed on the host for `reads`, where the device computes nothing; else null. */
  readonly evaluated: HostWork | null;
  /** Null where the pass was not timed. */
  readonly times: TimesReport | null;
}

/** Tensors that the pass left; see `LeftTensors`. */
export interface LeftRow extends Omit<LeftTensors, "scope"> {
  readonly scope: string;
}

/** What of a model the pass did not need; see `Unused`. */
export interface UnusedReport extends Pick<Unused, "layers" | "params"> {
  readonly ops: readonly {
    readonly kernel: string;
    readonly scope: string;
    readonly ops: number;
  }[];
}

/** A value that the program read back in mid-pass. */
export interface ReadRow {
  readonly op: number | null;
  readonly kernel: string;
  readonly scope: string;
}

/** How often something happened, and with how many bytes. */
export interface Transfers {
  readonly count: number;
  readonly bytes: Integer;
}

/** Where the time of a pass goes, in milliseconds; each is the median over the runs. */
export interface TimesReport {
  readonly runs: number;
  readonly wallMs: number;
  /** Null where the device's clock cannot tell any dispatch. */
  readonly gpuMs: number | null;
  readonly cpuMs: number;
  readonly readbackMs: number;
  /** The part of the wall time during which the device was busy. */
  readonly gpuShare: number | null;
  /**
   * How steady the device was: the upper quartile of a dispatch's times by the lower one, the median
   * over the dispatches; null where none was measured.
   */
  readonly gpuSpread: number | null;
  /** Dispatches that the device's clock is too coarse to tell. */
  readonly unmeasured: number;
  /** The step of the device's clock, where it is coarse. */
  readonly clockStepNs: number | null;
  /** Where the wall time goes; null in graphs that earlier versions saved. */
  readonly account: AccountReport | null;
  /** What only a first pass does; null likewise. */
  readonly first: FirstPass | null;
}

/**
 * The parts of a pass's wall time, the largest first. They add up to `wallMs`, which is the mean of
 * the middle half of the runs. What each op costs of it is `wallTimeMs` in the rows.
 */
export interface AccountReport {
  readonly wallMs: number;
  readonly parts: readonly AccountPart[];
}

export interface AccountPart {
  readonly part: PassPart;
  readonly ms: number;
  /** How often: kernels, dispatches, pipelines, buffers, transfers; null where it does not apply. */
  readonly count: number | null;
  /** Bytes allocated, uploaded or read back; null where it does not apply. */
  readonly bytes: number | null;
}

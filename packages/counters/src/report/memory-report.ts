import type { Integer } from "../expressions/integer.ts";

/** Peak memory by liveness, and what tfjs held while the graph was recorded. */
export interface MemoryReport {
  /** The same as `totals.peakBytes`. */
  readonly peakBytes: Integer;
  /**
   * The ops that run while that much is alive, as ids and scopes. None for a program that is not
   * TensorFlow.js, whose buffers may be the most between commands.
   */
  readonly peakOps: readonly {
    readonly id: number;
    readonly kernel: string;
    readonly scope: string;
  }[];
  /** What one buffer after another would take if each were reused as soon as it is free. */
  readonly plannedBytes: Integer;
  /** The most that tfjs's buffers in use took at once; null where no recording is known. */
  readonly recordedUsedBytes: Integer | null;
  /** The most that tfjs had allocated at once, buffers kept for reuse included. */
  readonly recordedAllocatedBytes: Integer | null;
  /**
   * The buffers by which `recordedUsedBytes` differs from `peakBytes`, the largest first: their
   * bytes add up to the difference. Empty for a graph that is not the one recorded.
   */
  readonly differences: readonly MemoryDifference[];
  /** The same in words; null for a program that is not TensorFlow.js, which may hold what it likes. */
  readonly explanation: string | null;
}

/** A buffer, or several of one op, that TensorFlow.js held and liveness does not need, or reversed. */
export interface MemoryDifference {
  /**
   * `scratch`, `uniforms` and `staging` hold no value of the graph. `kept`: a value that nothing
   * needs any more. `size`: its buffer is larger or smaller than its type. `not-uploaded`: an input,
   * weight or constant that is uploaded later; `freed`: one that the program has disposed of;
   * `on-host`: a value that only the host has. `other-moment`: a value that is alive at one of the
   * two peaks, which are at different ops.
   */
  readonly cause:
    | "scratch"
    | "kept"
    | "uniforms"
    | "staging"
    | "size"
    | "not-uploaded"
    | "freed"
    | "on-host"
    | "other-moment";
  /** A parameter's or input's name, or the op that made it. */
  readonly name: string;
  /** Its id in the graph; null for what holds none of its values. */
  readonly value: number | null;
  /** The op that made it; null where no op did. */
  readonly op: number | null;
  readonly buffers: number;
  /** Negative where TensorFlow.js held it not. */
  readonly bytes: Integer;
}

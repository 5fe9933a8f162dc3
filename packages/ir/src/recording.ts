import { type Annotation, annotationOf } from "./analysis.ts";
import type { Graph, OpId, ValueId } from "./graph.ts";

/** What a buffer on the device is for. */
export type BufferUse = "storage" | "uniform" | "staging" | "query";

/**
 * Something that happened on the device while a graph was recorded, beside its dispatches. `op` is
 * the op that caused it; it is absent where the framework did so on its own account.
 */
export type DeviceEvent = { readonly op?: OpId } & (
  | { readonly kind: "compile"; readonly program: string; readonly shader: string }
  /** A buffer taken from the backend's pool of free ones is `reuse`, one given back to it `free`. */
  | {
      readonly kind: "create" | "reuse" | "free" | "destroy";
      readonly bytes: number;
      readonly use: BufferUse;
    }
  | { readonly kind: "upload" | "readback"; readonly bytes: number }
  | { readonly kind: "submit"; readonly dispatches: number }
  /** The virtual device noticed what a real one with its limits would refuse. */
  | {
      readonly kind: "refusal";
      readonly limit: string;
      readonly value: number;
      readonly allowed: number;
    }
);

/** What the backend's buffers took on the device while a graph was recorded, in bytes. */
export interface RecordedMemory {
  /** The most that buffers in use took at once: tensors, weights, uniforms. */
  readonly peakUsedBytes: number;
  /** The most that was allocated at once, buffers kept for reuse included. */
  readonly peakAllocatedBytes: number;
}

/** How long the parts of a pass took, each the median over the runs, in milliseconds. */
export interface RecordedTimes {
  readonly runs: number;
  /** From the call of the program to the end of the device's work. */
  readonly wallMs: number;
  /** All dispatches together, on the device; null where its clock cannot tell any of them. */
  readonly gpuMs: number | null;
  /** Inside kernels on the host: shapes, uniforms, commands, and kernels that run there. */
  readonly cpuMs: number;
  /** Waiting for values that the program reads back. */
  readonly readbackMs: number;
  /** By op: its part of `cpuMs`. */
  readonly opCpuMs: ReadonlyMap<OpId, number>;
  /** The step of the device's clock, in nanoseconds, where it is coarse. */
  readonly clockStepNs: number | null;
}

/** What is known of how a graph was recorded, beside the graph itself. */
export interface Recording {
  /** In order. */
  readonly events: readonly DeviceEvent[];
  /**
   * The values that were read back in mid-pass, in order; a value that was read twice is there
   * once, since tfjs keeps what it has read.
   */
  readonly reads: readonly ValueId[];
  /**
   * Whether the outermost scopes `forward` and `backward` are those that TensorFlow.js opens where it
   * takes gradients, and no program's own.
   */
  readonly isTraining?: boolean;
  readonly memory: RecordedMemory;
  /** WGSL sources by the hashes that dispatches name. */
  readonly shaders: ReadonlyMap<string, string>;
  readonly times?: RecordedTimes;
  /** What was computed on the host for the values in `reads`, where the device computes none. */
  readonly evaluated?: { readonly ops: number; readonly milliseconds: number } | undefined;
}

export const RECORDING: Annotation<Recording> = { name: "recording" };

/** How a graph was recorded; undefined for a graph that was read, or made by a pass. */
export function recordingOf(graph: Graph): Recording | undefined {
  return annotationOf(graph, RECORDING);
}

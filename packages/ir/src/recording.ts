import { type Annotation, annotationOf } from "./analysis.ts";
import type { Graph, OpId, ValueId } from "./graph.ts";

/** What a buffer on the device is for. */
export type BufferUse = "storage" | "uniform" | "staging" | "query";

/**
 * An event on the device while a graph was recorded, other than a dispatch. `op` is the op that
 * caused it; it is absent where TensorFlow.js caused it outside any op.
 */
export type DeviceEvent = { readonly op?: OpId } /**
 * The pass needs a pipeline for the first time, compiled then or before. The shader is absent
 * where it was compiled before anybody watched.
 */ & (
  | { readonly kind: "compile"; readonly program: string; readonly shader?: string }
  /** `reuse`: the backend took a buffer from its pool of free buffers; `free`: it gave one back. */
  | {
      readonly kind: "create" | "reuse" | "free" | "destroy";
      readonly bytes: number;
      readonly use: BufferUse;
    }
  | { readonly kind: "upload" | "readback"; readonly bytes: number }
  | { readonly kind: "submit"; readonly dispatches: number }
  /** The virtual device noticed what a real device with its limits would refuse. */
  | {
      readonly kind: "refusal";
      readonly limit: string;
      readonly value: number;
      readonly allowed: number;
    }
);

/** A buffer that was in use. */
export interface RecordedBuffer {
  readonly bytes: number;
  readonly use: BufferUse;
  /** The value whose elements it holds; absent for uniforms, and for a kernel's own scratch. */
  readonly value?: ValueId;
  /** The op that took it into use; absent where TensorFlow.js did so outside any op. */
  readonly op?: OpId;
}

/**
 * The memory of the backend's buffers on the device while a graph was recorded, in bytes: as if the
 * device had been empty before the pass.
 */
export interface RecordedMemory {
  /** The peak of the buffers in use: tensors, weights, uniforms. */
  readonly peakUsedBytes: number;
  /** The peak of all allocated buffers, those kept for reuse included. */
  readonly peakAllocatedBytes: number;
  /** The buffers in use at `peakUsedBytes`, which is the sum of theirs. */
  readonly peakBuffers: readonly RecordedBuffer[];
}

/**
 * The parts of a pass's wall time. Each moment of the host's thread is in one of them.
 *
 * - `hostKernels`: kernels that TensorFlow.js computes on the host.
 * - `dispatching`: TensorFlow.js prepares and submits what the device is to run.
 * - `pipelines`, `buffers`: pipelines are compiled and buffers made.
 * - `uploads`: values are copied to the device.
 * - `gpu`: the host waits, and the device runs dispatches.
 * - `readbacks`: the host waits for values that the program reads, and the device runs none.
 * - `waiting`: the host waits for the end of the pass, and the device runs none.
 * - `program`: between ops, outside all of these: the program's own code, and what it awaits.
 * - `unexplained`: what is left of the wall time.
 */
export const PASS_PARTS = [
  "gpu",
  "hostKernels",
  "dispatching",
  "pipelines",
  "buffers",
  "uploads",
  "readbacks",
  "waiting",
  "program",
  "unexplained",
] as const;
export type PassPart = (typeof PASS_PARTS)[number];

/** One part of a pass's wall time. */
export interface TimedPart {
  readonly part: PassPart;
  readonly ms: number;
  /** How often: kernels, dispatches, pipelines, buffers, transfers; absent where it does not apply. */
  readonly count?: number;
  /** How many bytes were allocated, uploaded or read back; absent where it does not apply. */
  readonly bytes?: number;
}

/** Where the wall time of a pass goes: the mean of the middle half of the runs. */
export interface PassAccount {
  readonly wallMs: number;
  /** They add up to `wallMs`. */
  readonly parts: readonly TimedPart[];
  /** By op, in milliseconds of the wall: what it takes on the host, and what is waited for it. */
  readonly opMs: ReadonlyMap<OpId, number>;
}

/** The pass that was recorded, which compiles pipelines and uploads weights. In milliseconds. */
export interface FirstPass {
  /** Recording it included. */
  readonly wallMs: number;
  /** What was compiled then, in order; pipelines that the device had already are not among them. */
  readonly pipelines: readonly { readonly program: string; readonly ms: number }[];
  readonly uploads: { readonly count: number; readonly bytes: number; readonly ms: number };
}

/** The time of the parts of a pass, in milliseconds. Each is the median over the runs. */
export interface RecordedTimes {
  readonly runs: number;
  /** From the call of the program to the end of the device's work. */
  readonly wallMs: number;
  /** The sum of all dispatches on the device; null where its clock could measure none of them. */
  readonly gpuMs: number | null;
  /** Inside kernels, on the host: shapes, uniforms, commands, and kernels that run on the host. */
  readonly cpuMs: number;
  /** Waiting for values that the program reads back. */
  readonly readbackMs: number;
  /** By op: its share of `cpuMs`. */
  readonly opCpuMs: ReadonlyMap<OpId, number>;
  /** The step of the device's clock, in nanoseconds, where it is coarse. */
  readonly clockStepNs: number | null;
  /** Where the wall time goes; absent in graphs that earlier versions saved. */
  readonly account?: PassAccount;
  readonly first?: FirstPass;
}

/** Ops that were computed on the host for values that the program reads. */
export interface HostWork {
  readonly ops: number;
  readonly milliseconds: number;
  /** An npm package that computes them faster, where it could be installed and is not. */
  readonly missing?: string | undefined;
}

/** How many tensors, and how many elements they have together. */
export interface TensorCount {
  readonly tensors: number;
  readonly elements: number;
}

/**
 * Values that the program itself took to the host during the pass, and tensors that it made of
 * values since. What it computed in between, in JavaScript, is no op. What TensorFlow.js reads and
 * makes for its own functions and for nodes of graph models is not among them.
 */
export interface HostValues {
  /** Inputs and results of ops that it read, each once. */
  readonly read: TensorCount;
  /** Tensors made after the first read. Constants that a later op takes, such as a factor, are among them. */
  readonly made: TensorCount;
}

/** Tensors that a pass made, and neither disposed of nor returned nor kept by `tf.keep`. */
export interface LeftTensors {
  /** The kernel that made them; "" for tensors that were made of values. */
  readonly kernel: string;
  readonly scope: readonly string[];
  readonly tensors: number;
  /** What they hold of memory. Tensors that share it, as views do, count once. */
  readonly bytes: number;
}

/** What of a model the pass did not need. */
export interface Unused {
  /** Layers of the models that ran which were not called. */
  readonly layers: readonly { readonly name: string; readonly className: string }[];
  /** Parameters that no op took and nothing read. */
  readonly params: readonly { readonly name: string; readonly elements: number }[];
  /**
   * Ops whose results go nowhere: nothing that is returned, read, kept or assigned to a variable
   * depends on them. Views, which compute nothing, are not among them.
   */
  readonly ops: readonly {
    readonly kernel: string;
    readonly scope: readonly string[];
    readonly ops: number;
  }[];
}

/** How a graph was recorded: what is known besides the graph itself. */
export interface Recording {
  /** In order. */
  readonly events: readonly DeviceEvent[];
  /**
   * The values that the program read during the pass, in order. A value that it read twice is
   * listed once, because tfjs keeps what it has read.
   */
  readonly reads: readonly ValueId[];
  /** The constants that the pass made, so that each pass makes them anew; absent where none was. */
  readonly madeConstants?: readonly ValueId[];
  /**
   * Whether the outermost scopes `forward` and `backward` come from TensorFlow.js, which opens them
   * when it computes gradients, and not from the program.
   */
  readonly isTraining?: boolean;
  readonly memory: RecordedMemory;
  /** TensorFlow.js's flags that were not as it has them by default; absent where all were. */
  readonly flags?: Readonly<Record<string, boolean | number>>;
  /** WGSL sources by their hashes, which dispatches refer to. */
  readonly shaders: ReadonlyMap<string, string>;
  readonly times?: RecordedTimes;
  /**
   * The largest first. Absent for a model, whose own `predict` disposes of what a pass leaves. The
   * trace disposed of these tensors.
   */
  readonly left?: readonly LeftTensors[];
  readonly unused?: Unused;
  /** Absent where the program read nothing. */
  readonly hostValues?: HostValues;
  /** What the host computed for the values in `reads`, on a device that computes nothing. */
  readonly evaluated?: HostWork;
}

export const RECORDING: Annotation<Recording> = { name: "recording" };

/** How a graph was recorded; undefined for a graph that a pass made or that an older version saved. */
export function recordingOf(graph: Graph): Recording | undefined {
  return annotationOf(graph, RECORDING);
}

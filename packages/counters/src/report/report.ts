import type { Attributes, Dispatch, Placement, TensorType } from "@opcounter/ir/core";
import type { Integer } from "../expressions/integer.ts";
import type { DeviceReport } from "./device-report.ts";
import type { MemoryReport } from "./memory-report.ts";

export type {
  AccountPart,
  AccountReport,
  DeviceReport,
  LeftRow,
  ReadRow,
  RefusalRow,
  TimesReport,
  Transfers,
  UnusedReport,
} from "./device-report.ts";
export type { MemoryDifference, MemoryReport } from "./memory-report.ts";

/** What something costs. Every number is exact. */
export interface Cost {
  /**
   * Multiply-accumulate pairs of contractions. Under another tool's convention: the tool's figure, if
   * the tool calls it MACs. Null if the convention has no such figure.
   */
  readonly macs: Integer | null;
  /**
   * 2·macs and every other addition, subtraction, product, division, comparison, maximum, minimum,
   * absolute value and negation. Under another tool's convention: the tool's figure, if the
   * tool calls it FLOPs.
   */
  readonly flops: Integer | null;
  /** Exponentials, logarithms, roots, trigonometric functions and powers. */
  readonly transcendentals: Integer | null;
  /** Bytes of the operands; views read and write nothing. */
  readonly bytesRead: Integer;
  readonly bytesWritten: Integer;
  /** Compute dispatches on the device. */
  readonly dispatches: number;
  /**
   * Shader invocations that the dispatches launch: beside the op's own work, what padding to
   * workgroups and tiles adds. 0 where the workgroups' sizes are not known.
   */
  readonly invocations: Integer;
  /** Ops that TensorFlow.js runs on the host, in JavaScript, and not on the device. */
  readonly hostOps: number;
  /**
   * Bytes of their results that ops on the device take. They are uploaded in every pass; weights and
   * inputs are not among them.
   */
  readonly hostBytesUploaded: Integer;
  /**
   * Elements that contractions give: convolutions, matrix products and einsums. Source: fvcore's
   * `ActivationCountAnalysis`. In a training step the gradients that they give are among them.
   */
  readonly activations: Integer;
  /** Time on the device, in milliseconds, over the runs' medians; null where none was measured. */
  readonly gpuTimeMs: number | null;
  /**
   * What it costs of a pass's wall time, in milliseconds: on the host, and waiting for the device;
   * null where that was not measured.
   */
  readonly wallTimeMs: number | null;
  /** The user's own costs by name, in the units that the report's `costs` has. */
  readonly costs: Readonly<Record<string, number | bigint>>;
}

/** A cost of the user's own. */
export interface CostColumn {
  readonly name: string;
  readonly unit: string;
  readonly description: string;
  /** How values of ops make those of layers, scopes and the whole. */
  readonly total: "sum" | "max";
  /** Whether its value per op is an expression, which is exact. */
  readonly isExpression: boolean;
}

/** A tensor's type with its name, as reports list inputs. */
export interface NamedType extends TensorType {
  readonly name: string;
}

export interface Totals extends Cost {
  /** Elements of all weights; a weight that several layers share counts once. */
  readonly params: Integer;
  readonly trainableParams: Integer;
  /** Elements of the model's state that is not learned, such as batch-norm statistics. */
  readonly statistics: Integer;
  /** Elements of optimizers' slots, such as the moments of Adam. They are no weights. */
  readonly slots: Integer;
  /**
   * The most memory that is alive at once, in bytes, weights and inputs included. Of a program that is
   * not TensorFlow.js: the most that its buffers took at once, those of uniforms and readbacks included.
   */
  readonly peakBytes: Integer;
  readonly ops: number;
}

/** One scope with all that is inside it. */
export interface ScopeRow extends Cost {
  /** `features/conv1`; "" for ops that run in no scope. */
  readonly scope: string;
  /** 1 for the outermost scopes, whose costs add up to the totals. */
  readonly depth: number;
  /** The layer's class or the graph node's op, if the scope is a layer or a node. */
  readonly className: string | null;
  /** What the layer or node returns. */
  readonly outputs: readonly TensorType[];
  readonly ops: number;
  /**
   * Elements of the weights that the ops inside use, each weight once. Where scopes share a weight
   * each has it, so they may add up to more than the model's.
   */
  readonly params: Integer;
}

/**
 * One layer with all its calls, wherever they are. Each op and each weight is in one row, so rows add
 * up to the totals.
 */
export interface OwnerRow extends Cost {
  /** The scope of its first call; "" for what no layer or node has. */
  readonly owner: string;
  readonly className: string | null;
  /** Where it is called, each scope once. */
  readonly scopes: readonly string[];
  readonly calls: number;
  /** The ops of its calls, without those of the layers inside. */
  readonly ops: number;
  /** Elements of the weights that it owns: a weight belongs to the first layer that lists it. */
  readonly params: Integer;
  /** Elements of the weights that it shares with a layer that owns them. */
  readonly sharedParams: Integer;
}

/** Ops that a pass found could run as one kernel, counted as one. */
export interface GroupRow extends Cost {
  readonly pattern: string;
  /** The scope of its last op. */
  readonly scope: string;
  readonly ops: readonly number[];
}

export interface KernelRow extends Cost {
  readonly kernel: string;
  readonly ops: number;
}

/** How a cost came about. */
export interface Provenance {
  /** In symbols: `2·M·(K·Ci) + b·M`. */
  readonly symbols: string;
  /** With the numbers put in: `2·112·112·64·(7·7·3) + 0·112·112·64`. */
  readonly numbers: string;
}

/**
 * What counted an op: the formula of its kernel, a rule of the user's own, or a figure for the whole
 * layer or pattern that it is in. `omitted`: the convention does not count its kernel; `uncounted`:
 * nothing knows how to.
 */
export type CountedBy = "formula" | "rule" | "whole" | "omitted" | "uncounted";

/** A formula for each quantity that the op has, or why it counts nothing. */
export interface OpFormula {
  readonly by: CountedBy;
  readonly macs?: Provenance;
  readonly flops?: Provenance;
  readonly transcendentals?: Provenance;
  /** How the user's own costs of the op came about, where they are expressions. */
  readonly costs?: Readonly<Record<string, Provenance>>;
  /** In words: the source of the formula, or the rule that took its place. */
  readonly note: string;
  /** The rule of the user's own that counted it, if one did: `kernel Relu`. */
  readonly ownRule?: string;
}

/** A rule of the user's own that was given. */
export interface OwnRule {
  /** What it is for: `kernel Relu`, `layer class Dense`, `scope pattern head/**`. */
  readonly rule: string;
  /** How many ops, or calls of a layer, it counted. */
  readonly times: number;
}

export interface OpRow {
  readonly id: number;
  readonly kernel: string;
  readonly scope: string;
  readonly placement: Placement;
  readonly inputs: Readonly<Record<string, TensorType>>;
  readonly attrs: Attributes;
  readonly outputs: readonly TensorType[];
  readonly cost: Cost;
  readonly formula: OpFormula;
  /** What the op recorded on the device. */
  readonly dispatches: readonly Dispatch[];
  /** Time inside the kernel on the host, in milliseconds; null where none was measured. */
  readonly cpuTimeMs: number | null;
}

/** A layer's call that was counted as a whole, by a rule for its class. */
export interface LayerRow {
  readonly scope: string;
  readonly className: string;
  readonly cost: Pick<Cost, "macs" | "flops" | "transcendentals">;
  readonly formula: OpFormula;
}

/** What the weights take in memory, and in the files they came from. */
export interface WeightsReport {
  /** In memory while the model runs, in bytes. */
  readonly bytes: Integer;
  /** In the model's files, or as files would hold them if there are none. */
  readonly storedBytes: Integer;
  readonly byStoredType: readonly {
    /** `uint8`, `uint16` or `float16` where they are quantized, else their dtype. */
    readonly type: string;
    readonly elements: Integer;
    readonly bytes: Integer;
    readonly storedBytes: Integer;
  }[];
}

/** The MACs that zeros among the weights could save. */
export interface SparsityReport {
  readonly zeros: Integer;
  /** Elements of the weights whose values are known. */
  readonly elements: Integer;
  readonly unknownElements: Integer;
  /** MACs without those by a weight of 0; those by a part of a weight count in full. */
  readonly effectiveMacs: Integer;
  /** The ops that multiply by such weights. */
  readonly ops: readonly {
    readonly id: number;
    readonly scope: string;
    readonly weight: string;
    readonly zeros: Integer;
    readonly elements: Integer;
    readonly macs: Integer;
    readonly effectiveMacs: Integer;
  }[];
  /** Weights with zeros of which ops use parts, such as slices: which zeros they use is not known. */
  readonly usedInParts: readonly { readonly weight: string; readonly zeros: Integer }[];
}

/**
 * The passes of a training step compared. The rule of thumb is that backward costs twice forward:
 * the gradients of the weights and of the inputs.
 */
export interface TrainingReport {
  readonly forwardMacs: Integer;
  readonly backwardMacs: Integer;
  /** The scopes, below `forward` and `backward`, where it is not exactly twice. */
  readonly exceptions: readonly {
    readonly scope: string;
    readonly forwardMacs: Integer;
    readonly backwardMacs: Integer;
  }[];
}

/** The least and the most that a total can be. */
export type Interval = readonly [least: Integer, most: Integer];

/**
 * What is known of totals that depend on values: some kernels (sorts, non-maximum suppression) are
 * counted by upper bounds, which the totals contain.
 */
export interface BoundsReport {
  readonly flops: Interval;
  readonly transcendentals: Interval;
  /** The kernels that are counted by a bound, with how many ops each. */
  readonly kernels: readonly { readonly kernel: string; readonly ops: number }[];
}

/** What a convention counts as nothing, though it computes something. */
export interface LeftOutRow {
  /** `layer` and `pattern`: the figure for the layer or the group of ops as a whole is 0. */
  readonly kind: "kernel" | "layer" | "pattern";
  /** The kernel, the class of the layers, or the name of the pattern. */
  readonly name: string;
  /** How many ops, calls of such layers, or groups. */
  readonly times: number;
  /** What `native` counts of them. */
  readonly macs: Integer;
  readonly flops: Integer;
  readonly transcendentals: Integer;
}

/**
 * The result of counting a graph. Stable under its `schemaVersion`. Its rows and texts are made when
 * they are read; to write or copy it reads all.
 */
export interface CostReport {
  readonly schemaVersion: 1;
  readonly model: string;
  readonly device: string;
  readonly convention: string;
  /** The passes that ran before counting, such as `canonicalize,fuse`; null where none did. */
  readonly passes: string | null;
  /** Rules of the user's own, which come before the convention's. */
  readonly rules: readonly OwnRule[];
  /** Costs of the user's own. */
  readonly costs: readonly CostColumn[];
  /** The totals that are asked for most, also in `totals`. */
  readonly params: Integer;
  readonly macs: Integer | null;
  readonly flops: Integer | null;
  readonly inputs: readonly NamedType[];
  readonly totals: Totals;
  readonly weights: WeightsReport;
  /** Null where zeros were not counted; see `sparsity` in the options of a trace. */
  readonly sparsity: SparsityReport | null;
  /** Null where the graph is not one of a training step. */
  readonly training: TrainingReport | null;
  readonly memory: MemoryReport;
  /** Null for a graph without a recording, such as one that was written by hand. */
  readonly recorded: DeviceReport | null;
  /** Null where every op is counted exactly. */
  readonly bounds: BoundsReport | null;
  readonly byScope: readonly ScopeRow[];
  readonly byOwner: readonly OwnerRow[];
  readonly byKernel: readonly KernelRow[];
  readonly ops: readonly OpRow[];
  readonly groups: readonly GroupRow[];
  readonly layers: readonly LayerRow[];
  /** Kernels that nothing knows how to count, with how many ops each; they add 0 to the totals. */
  readonly uncounted: readonly { readonly kernel: string; readonly ops: number }[];
  /** What the convention does not count, the largest first; nothing under `native`. */
  readonly leftOut: readonly LeftOutRow[];
  readonly warnings: readonly string[];
}

/**
 * A report of any kind as JSON. Numbers past 2^53 − 1, which JSON readers would round, are written
 * as strings of digits. So are numbers that JSON lacks (`"Infinity"`, `"-Infinity"`, `"NaN"`).
 */
export function reportToJson(report: object, indent = 2): string {
  const replacer = (_: string, value: unknown): unknown => {
    if (typeof value === "bigint") return String(value);
    return typeof value === "number" && !Number.isFinite(value) ? String(value) : value;
  };
  return JSON.stringify(report, replacer, indent);
}

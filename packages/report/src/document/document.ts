import type { SparsityReport, TrainingReport, UnusedReport } from "@opcounter/counters";
import type { Savings } from "@opcounter/ir/core";

/**
 * What the page shows: one graph, and what every convention counts of it, as plain JSON. Where rows
 * are many they stand in columns: the n-th element of each column of `ops` is about op n.
 */
export interface ReportDocument {
  readonly kind: "opcounter-report";
  readonly version: 1;
  readonly model: string;
  readonly device: string;
  /** The passes that ran before counting; null where none did. */
  readonly passes: string | null;
  readonly inputs: readonly { readonly name: string; readonly type: string }[];
  /** Each string that columns refer to by its index here. */
  readonly strings: readonly string[];
  readonly kernels: readonly Kernel[];
  readonly scopes: ScopeColumns;
  readonly values: ValueColumns;
  readonly ops: OpColumns;
  /** Layers and nodes, each with all its calls, in order of the first. */
  readonly owners: readonly Owner[];
  readonly totals: GraphTotals;
  readonly memory: Memory;
  /** What each convention counts. The page begins with the first. */
  readonly conventions: readonly ConventionCounts[];
  readonly costs: readonly OwnCost[];
  /** What the device can do at most; null where no limits were given. */
  readonly limits: DeviceLimits | null;
  /** The times that the limits predict; null where none were predicted. */
  readonly predicted: PredictedTimes | null;
  /** Null where the pass was not timed. */
  readonly times: Times | null;
  /** Where the time of a pass goes, in parts that add up; null where nothing accounts for it. */
  readonly account: TimeAccount | null;
  /** What of the model the pass did not need; null where that is not known. */
  readonly unused: Written<UnusedReport> | null;
  /** Tensors that the pass left undisposed, the largest first. */
  readonly left: readonly LeftTensors[];
  /** Null where zeros among the weights were not counted. */
  readonly sparsity: Written<SparsityReport> | null;
  /** Null where the graph is not one of a training step. */
  readonly training: Written<TrainingReport> | null;
  readonly advice: readonly AdviceEntry[];
  /** What was found that has no remedy. */
  readonly findings: readonly FindingEntry[];
}

/** An exact number. Past 2^53 − 1, which JSON readers would round, it is a string of digits. */
export type Amount = number | string;
/** A part of a report as JSON has it: exact integers are amounts. */
export type Written<T> = {
  readonly [K in keyof T]: T[K] extends string | number | bigint | boolean | null
    ? bigint extends T[K]
      ? Exclude<T[K], bigint> | string
      : T[K]
    : Written<T[K]>;
};
/** An index in `strings`; −1 for none. */
export type StringIndex = number;

/** What an op does, coarsely: the colours of the page. */
export const FAMILIES = ["contraction", "elementwise", "movement", "dispatch", "other"] as const;
export type Family = (typeof FAMILIES)[number];

export interface Kernel {
  readonly name: string;
  readonly family: Family;
}

/** Scope 0 is the root, which is around all. Parents come before their children. */
export interface ScopeColumns {
  /** −1 for the root. */
  readonly parent: readonly number[];
  readonly name: readonly StringIndex[];
  /** The layer's class or the graph node's op, where the scope is one. */
  readonly className: readonly StringIndex[];
}

/** A layer or node with all its calls. Each op and each weight is of one. */
export interface Owner {
  /** The scope of its first call; 0, the root, for what no layer or node has. */
  readonly scope: number;
  readonly className: string | null;
  /** Every scope that it is called in. */
  readonly scopes: readonly number[];
  readonly calls: number;
  /** Elements of the weights that it owns, and of those that another owns. */
  readonly params: Amount;
  readonly sharedParams: Amount;
}

export interface ValueColumns {
  readonly name: readonly StringIndex[];
  /** As the text form writes it: `f32[1,224,224,3]`. */
  readonly type: readonly StringIndex[];
  /** The op that makes the value; −1 for inputs, parameters and constants. */
  readonly op: readonly number[];
}

export const PLACEMENTS = ["gpu", "cpu", "view"] as const;

/** In order of execution. */
export interface OpColumns {
  /** Index in `kernels`. */
  readonly kernel: readonly number[];
  readonly scope: readonly number[];
  /** Index in `owners`. */
  readonly owner: readonly number[];
  /** Index in `PLACEMENTS`. */
  readonly placement: readonly number[];
  /** Per operand its name and its value. */
  readonly operands: readonly (readonly (readonly [name: StringIndex, value: number])[])[];
  readonly results: readonly (readonly number[])[];
  /** Per attribute its name and how the text form writes it. */
  readonly attributes: readonly (readonly (readonly [name: StringIndex, text: StringIndex])[])[];
  readonly dispatches: readonly (readonly DispatchRow[])[];
  /** Elements of the weights that this op is the first to compute with, so that a column adds up. */
  readonly params: readonly number[];
  readonly bytesRead: readonly Amount[];
  readonly bytesWritten: readonly Amount[];
  /** Elements that convolutions and products give. */
  readonly activations: readonly Amount[];
  /** Bytes alive at the peak: results of this op, and what it is the first to compute with. */
  readonly peakBytes: readonly number[];
  /** Time on the device and on the host, in milliseconds; null where nothing was measured. */
  readonly gpuMs: readonly (number | null)[] | null;
  readonly hostMs: readonly (number | null)[] | null;
}

/** A compute dispatch. Extents are texts such as `98×1×1`; the time is in nanoseconds. */
export type DispatchRow = readonly [
  program: StringIndex,
  workgroups: StringIndex,
  workgroupSize: StringIndex,
  gpuNs: number | null,
];

/** Totals that no convention changes. */
export interface GraphTotals {
  readonly params: Amount;
  readonly trainableParams: Amount;
  readonly statistics: Amount;
  readonly slots: Amount;
  readonly bytesRead: Amount;
  readonly bytesWritten: Amount;
  readonly activations: Amount;
  readonly peakBytes: Amount;
  readonly dispatches: number;
  readonly gpuMs: number | null;
  /** Weights that no op uses: their elements, and the bytes of all that no op uses. */
  readonly unusedParams: number;
  readonly unusedBytes: number;
}

export interface Memory {
  /** By op: the bytes alive while it runs, weights and inputs included. */
  readonly bytesAt: readonly number[];
  /** Bytes of inputs, parameters and constants, which are alive all the time. */
  readonly residentBytes: number;
  /** The first op that runs while the most is alive; null where the graph has no op. */
  readonly peakOp: number | null;
  /** The buffers alive then, the largest first, with the value that each was made for. */
  readonly holders: readonly { readonly value: number; readonly bytes: number }[];
  /** How many more buffers are alive then, and their bytes together. */
  readonly others: { readonly count: number; readonly bytes: number };
  /** What TensorFlow.js held while the graph was recorded; null where that is not known. */
  readonly held: HeldMemory | null;
}

/** What TensorFlow.js held at its own peak, and why that is not what must be alive. */
export interface HeldMemory {
  /** In buffers that were in use, and in all that were allocated. */
  readonly usedBytes: Amount;
  readonly allocatedBytes: Amount | null;
  readonly explanation: string | null;
  /** The largest first; their bytes add up to what is held beyond the peak. */
  readonly differences: readonly {
    readonly cause: string;
    readonly name: string;
    readonly op: number | null;
    readonly buffers: number;
    readonly bytes: Amount;
  }[];
}

/** Tensors of one kernel in one scope; the kernel is "" where they were made of values. */
export interface LeftTensors {
  readonly kernel: string;
  readonly scope: string;
  readonly tensors: number;
  readonly bytes: number;
}

/** What one convention counts. Null where it has no such figure. */
export interface ConventionCounts {
  readonly name: string;
  readonly macs: Figure;
  readonly flops: Figure;
  readonly transcendentals: Figure;
  /** By op: what counted it, as an index in `strings`. */
  readonly by: readonly StringIndex[];
  /** By op: the source of its formula, or the rule that took its place. */
  readonly note: readonly StringIndex[];
  /** Layers, scopes and patterns that are counted as a whole and by no op. */
  readonly wholes: readonly Whole[];
  /** By the cost's name: its total, and its values by op. */
  readonly costs: Readonly<Record<string, { total: Amount; ops: readonly Amount[] }>>;
  readonly uncounted: readonly { readonly kernel: string; readonly ops: number }[];
  readonly leftOut: readonly {
    readonly text: string;
    readonly macs: Amount;
    readonly flops: Amount;
  }[];
  readonly warnings: readonly string[];
}

/** One quantity under one convention. */
export interface Figure {
  readonly total: Amount | null;
  readonly ops: readonly (Amount | null)[];
  /** By op: its formula in symbols and with the numbers put in; −1 where it has none. */
  readonly symbols: readonly StringIndex[];
  readonly numbers: readonly StringIndex[];
}

/** What was counted for a scope as a whole. It adds to the totals beside the ops. */
export interface Whole {
  readonly scope: number;
  readonly label: string;
  readonly macs: Amount | null;
  readonly flops: Amount | null;
  readonly transcendentals: Amount | null;
  readonly costs: Readonly<Record<string, Amount>>;
  readonly note: string;
}

/** A cost of the user's own. */
export interface OwnCost {
  readonly name: string;
  readonly unit: string;
  readonly description: string;
  /** How values of ops make those of scopes and the whole. */
  readonly total: "sum" | "max";
}

/** Operations and bytes per second that a device reaches at most. */
export interface DeviceLimits {
  readonly name: string;
  readonly flops: number;
  readonly bandwidth: number;
  /** The time of a dispatch that does next to nothing; null where it is not known. */
  readonly launchNs: number | null;
}

/** Times that a device's limits predict, in milliseconds; by op, null of those that it does not run. */
export interface PredictedTimes {
  readonly leastMs: readonly (number | null)[];
  /** What takes that long: `compute`, `transcendentals`, `memory` or `launch`. */
  readonly bound: readonly StringIndex[];
  /** Null where it is not known how near programs come to the limits. */
  readonly expectedMs: readonly (number | null)[] | null;
  readonly total: {
    readonly leastMs: number;
    /** Eight of ten models take between `lowMs` and `highMs`. */
    readonly expected: {
      readonly ms: number;
      readonly lowMs: number;
      readonly highMs: number;
    } | null;
  };
}

/** Medians over the runs, in milliseconds. They overlap, so they need not add up. */
export interface Times {
  readonly runs: number;
  readonly wallMs: number;
  readonly gpuMs: number | null;
  readonly cpuMs: number;
  readonly readbackMs: number;
}

export interface TimeAccount {
  readonly totalMs: number;
  /** They add up to the total. */
  readonly parts: readonly { readonly name: string; readonly ms: number; readonly note: string }[];
}

/** Something worth knowing that has no remedy. */
export interface FindingEntry {
  readonly rule: string;
  readonly finding: string;
  /** The ops that it is about; empty where passes have changed the graph that it was found in. */
  readonly ops: readonly number[];
}

/** Something that the user can change. */
export interface AdviceEntry extends FindingEntry {
  readonly remedy: string;
  readonly saves: Savings;
}

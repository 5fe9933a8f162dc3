import type { Graph, OpId } from "../graph.ts";

/**
 * What one pass costs less where the user follows an advice: the difference that a second trace
 * shows. A negative number is what it costs more.
 */
export interface Savings {
  /**
   * What they are of, where not of the whole pass: the forward pass of a training step, whose
   * gradients change with it.
   */
  readonly of?: "forward";
  /** Ops of the graph, views among them. */
  readonly ops: number;
  readonly dispatches: number;
  readonly bytesRead: number;
  readonly bytesWritten: number;
  /** Bytes that each pass uploads, the first as well as the later ones. */
  readonly bytesUploaded: number;
  /** Kernels that run on the host. */
  readonly hostOps: number;
  /** How often the pass stops until the device is done. */
  readonly waits: number;
  /** Bytes of the model's files, which are downloaded once; absent where they stay as they are. */
  readonly bytesStored?: number;
  /** Expected of the times of the ops; absent in a graph without times. */
  readonly milliseconds?: number;
}

/** The savings that are numbers. */
export type SavedAmount = Exclude<keyof Savings, "of">;

/** Something worth knowing that has no remedy, or none that is proven. */
export interface Finding {
  /** The name of the rule that found it, such as `unfused-contraction`. */
  readonly rule: string;
  /** What was found: one sentence with numbers. */
  readonly finding: string;
  readonly scope: readonly string[];
  readonly ops: readonly OpId[];
}

/** Something that the user can change, and what it saves. */
export interface Advice extends Finding {
  /** What to do about it, in the words of what the user has. */
  readonly remedy: string;
  readonly saves: Savings;
}

/** What is known about a graph that could be better. */
export interface Advised {
  /** What saves the most is first. */
  readonly advice: readonly Advice[];
  readonly findings: readonly Finding[];
}

/** What a rule finds at one place, with a remedy or without. */
export type Found = Omit<Advice, "rule"> | Omit<Finding, "rule">;

/** Finds all places of one kind in a graph. */
export interface AdviceRule {
  readonly name: string;
  /** What it looks for, for the documentation. */
  readonly finds: string;
  /** What it advises, where there is a remedy. */
  readonly advises?: string;
  /**
   * Whether it holds in training too, where gradients need what fused kernels do not keep; `forward`
   * where what it saves is known of the forward pass alone.
   */
  readonly inTraining: boolean | "forward";
  readonly find: (graph: Graph) => readonly Found[];
}

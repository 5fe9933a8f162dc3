import type { Graph, OpId } from "../graph.ts";

/** What one pass saves where the user follows an advice. */
export interface Savings {
  readonly ops: number;
  readonly dispatches: number;
  /** Bytes read and written on the device. */
  readonly bytes: number;
}

/** Something that the user could change, and what it saves. */
export interface Advice {
  /** The rule that found it, such as `unfused-contraction`. */
  readonly rule: string;
  /** What was found: one sentence with numbers. */
  readonly finding: string;
  /** What to do about it. */
  readonly remedy: string;
  readonly scope: readonly string[];
  readonly ops: readonly OpId[];
  readonly saves: Savings;
}

/** Finds all places of one kind in a graph. */
export type AdviceRule = (graph: Graph) => Advice[];

import type { Graph, OpId } from "../graph.ts";

/** What following an advice would save in one pass. */
export interface Savings {
  readonly ops: number;
  readonly dispatches: number;
  /** Bytes read and written on the device. */
  readonly bytes: number;
}

/** Something the user could change, with what it is worth. */
export interface Advice {
  /** The rule that found it, such as `unfused-contraction`. */
  readonly rule: string;
  /** What was found, in one sentence with its numbers. */
  readonly finding: string;
  /** What to do about it. */
  readonly remedy: string;
  readonly scope: readonly string[];
  readonly ops: readonly OpId[];
  readonly saves: Savings;
}

/** Finds one kind of thing in a graph. */
export type AdviceRule = (graph: Graph) => Advice[];

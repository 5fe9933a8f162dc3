import type { Graph, OpId, ValueId } from "../graph.ts";
import { foldableBatchNorms } from "./batch-norm.ts";
import { overLimits } from "./limits.ts";
import { readBacks } from "./read-backs.ts";
import { transposePairs } from "./transposes.ts";
import { unfusedOps } from "./unfused.ts";

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

/** What is known of a recording beside its graph. */
export interface Observations {
  /** Values that the program read back from the device in mid-pass. */
  readonly reads: readonly ValueId[];
}

/** Finds one kind of thing in a graph. */
export type AdviceRule = (graph: Graph, observed: Observations) => Advice[];

const RULES: readonly AdviceRule[] = [
  unfusedOps,
  foldableBatchNorms,
  transposePairs,
  readBacks,
  overLimits,
];

/**
 * What could be changed in a traced model, what saves the most bytes first. The graph is as it was
 * recorded: the rules look for what ran, so it must not have been through passes.
 */
export function advise(graph: Graph, observed: Observations = { reads: [] }): Advice[] {
  return RULES.flatMap((rule) => rule(graph, observed)).sort(
    (a, b) =>
      b.saves.bytes - a.saves.bytes ||
      b.saves.dispatches - a.saves.dispatches ||
      (a.ops[0] ?? 0) - (b.ops[0] ?? 0),
  );
}

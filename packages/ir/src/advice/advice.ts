import type { Graph, OpId } from "../graph.ts";
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

/** Finds one kind of thing in a graph. */
export type AdviceRule = (graph: Graph) => Advice[];

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
export function advise(graph: Graph): Advice[] {
  return RULES.flatMap((rule) => rule(graph)).sort(
    (a, b) =>
      b.saves.bytes - a.saves.bytes ||
      b.saves.dispatches - a.saves.dispatches ||
      (a.ops[0] ?? 0) - (b.ops[0] ?? 0),
  );
}

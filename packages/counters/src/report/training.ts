import { describeOp, type Graph, grouped } from "@opcounter/ir/core";
import { type Integer, plus, total } from "../expressions/integer.ts";
import type { CountedCall, CountedOp } from "../rules/counted.ts";
import type { Arithmetic } from "./cost-sum.ts";
import type { TrainingReport } from "./report.ts";

const PHASES = ["forward", "backward"] as const;

/**
 * How the backward pass compares with the forward pass, in MACs, over all and scope by scope; null
 * where the ops are not those of a training step, under the scopes `forward` and `backward`.
 */
export function trainingOf(
  ops: readonly CountedOp[],
  calls: readonly CountedCall[],
): TrainingReport | null {
  const counted = [
    ...ops.map(({ op, arithmetic }) => ({ scope: op.scope, arithmetic })),
    ...calls.map(({ call, arithmetic }) => ({ scope: call.scope, arithmetic })),
  ];
  const [forward, backward] = PHASES.map((phase) => macsByScope(counted, phase));
  if (forward === undefined || backward === undefined) return null;
  const [forwardMacs, backwardMacs] = [total(forward.values()), total(backward.values())];
  if (forwardMacs === 0 || backward.size === 0) return null;
  const scopes = new Set([...forward.keys(), ...backward.keys()]);
  const exceptions = [...scopes].flatMap((scope) => {
    const [once, twice] = [forward.get(scope) ?? 0, backward.get(scope) ?? 0];
    if (twice === plus(once, once)) return [];
    return [{ scope, forwardMacs: once, backwardMacs: twice }];
  });
  return { forwardMacs, backwardMacs, exceptions };
}

/** MACs of a phase by the rest of the scope path. */
function macsByScope(
  counted: readonly { scope: readonly string[]; arithmetic: Arithmetic }[],
  phase: string,
): Map<string, Integer> {
  const macs = new Map<string, Integer>();
  for (const { scope, arithmetic } of counted) {
    // Null under a convention that counts no MACs.
    if (scope[0] !== phase || arithmetic.macs === null) continue;
    const rest = scope.slice(1).join("/");
    macs.set(rest, plus(macs.get(rest) ?? 0, arithmetic.macs));
  }
  return macs;
}

/**
 * What a training step computes of gradients that lead to no update and no result, which PyTorch
 * leaves out: by the model's input, by a state that an RNN begins with, by weights that are frozen.
 */
export function unusedGradientWarning(graph: Graph, ops: readonly CountedOp[]): string[] {
  const backward = ops.filter(({ op }) => isBackward(op.scope));
  if (backward.length === 0) return [];
  const used = usedInTraining(graph);
  const idle = backward.filter(({ op }) => !used.has(op.id));
  const figures = idle.map(({ arithmetic }) => arithmetic.flops ?? arithmetic.macs ?? 0);
  const sum = total(figures);
  const [first] = idle.filter((_, i) => figures[i] !== 0);
  if (sum === 0 || first === undefined) return [];
  const unit = first.arithmetic.flops === null ? "MACs" : "FLOPs";
  return [
    `${grouped(sum)} ${unit} of the backward pass are for gradients that nothing uses, such as that by the model's input, and that PyTorch does not compute: ${describeOp(first.op)}${idle.length > 1 ? ", and what follows from it" : ""}.`,
  ];
}

/** The ops that something outside of the backward pass depends on, or that give a result. */
function usedInTraining({ ops, results }: Graph): ReadonlySet<number> {
  const wanted = new Set(results);
  const used = new Set<number>();
  for (const op of ops.toReversed()) {
    if (isBackward(op.scope) && !op.results.some((id) => wanted.has(id))) continue;
    used.add(op.id);
    for (const id of Object.values(op.operands)) wanted.add(id);
  }
  return used;
}

function isBackward([phase]: readonly string[]): boolean {
  return phase === "backward";
}

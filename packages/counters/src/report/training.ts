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

import { exact } from "../expressions/integer.ts";
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
  const [forwardMacs, backwardMacs] = [sum(forward), sum(backward)];
  if (forwardMacs === 0n || backward.size === 0) return null;
  const scopes = new Set([...forward.keys(), ...backward.keys()]);
  const exceptions = [...scopes].flatMap((scope) => {
    const [once, twice] = [forward.get(scope) ?? 0n, backward.get(scope) ?? 0n];
    if (twice === 2n * once) return [];
    return [{ scope, forwardMacs: exact(once), backwardMacs: exact(twice) }];
  });
  return { forwardMacs: exact(forwardMacs), backwardMacs: exact(backwardMacs), exceptions };
}

/** MACs of a phase by the rest of the scope path. */
function macsByScope(
  counted: readonly { scope: readonly string[]; arithmetic: Arithmetic }[],
  phase: string,
): Map<string, bigint> {
  const macs = new Map<string, bigint>();
  for (const { scope, arithmetic } of counted) {
    if (scope[0] !== phase) continue;
    const rest = scope.slice(1).join("/");
    macs.set(rest, (macs.get(rest) ?? 0n) + (arithmetic.macs ?? 0n));
  }
  return macs;
}

function sum(macs: ReadonlyMap<string, bigint>): bigint {
  return [...macs.values()].reduce((total, value) => total + value, 0n);
}

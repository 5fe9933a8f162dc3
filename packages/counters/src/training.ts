import type { CountedOp } from "./counted.ts";
import { exact } from "./integer.ts";
import type { TrainingReport } from "./report.ts";

const PHASES = ["forward", "backward"] as const;

/**
 * How the backward pass compares with the forward pass, in MACs, over all and scope by scope; null
 * where the ops are not those of a training step, under the scopes `forward` and `backward`.
 */
export function trainingOf(ops: readonly CountedOp[]): TrainingReport | null {
  const [forward, backward] = PHASES.map((phase) => macsByScope(ops, phase));
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
function macsByScope(ops: readonly CountedOp[], phase: string): Map<string, bigint> {
  const macs = new Map<string, bigint>();
  for (const { op, arithmetic } of ops) {
    if (op.scope[0] !== phase) continue;
    const rest = op.scope.slice(1).join("/");
    macs.set(rest, (macs.get(rest) ?? 0n) + (arithmetic.macs ?? 0n));
  }
  return macs;
}

function sum(macs: ReadonlyMap<string, bigint>): bigint {
  return [...macs.values()].reduce((total, value) => total + value, 0n);
}

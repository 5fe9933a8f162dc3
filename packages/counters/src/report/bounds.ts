import { exact } from "../expressions/integer.ts";
import { FORMULAS } from "../formulas/registry.ts";
import type { CountedCall, CountedOp } from "../rules/counted.ts";
import type { BoundsReport } from "./report.ts";

/** The intervals that totals lie in; null where no op was counted by a bound. */
export function boundsOf(
  ops: readonly CountedOp[],
  calls: readonly CountedCall[],
): BoundsReport | null {
  const bounded = ops.filter(({ op, formula }) => {
    const isBuiltIn = formula.flops !== undefined || formula.transcendentals !== undefined;
    return isBuiltIn && FORMULAS.get(op.kernel)?.status === "bound";
  });
  if (bounded.length === 0) return null;
  const interval = (quantity: "flops" | "transcendentals") => {
    const sum = (counted: readonly (CountedOp | CountedCall)[]) =>
      counted.reduce((total, { arithmetic }) => total + (arithmetic[quantity] ?? 0n), 0n);
    const most = sum([...ops, ...calls]);
    return [exact(most - sum(bounded)), exact(most)] as const;
  };
  const kernels = new Map<string, number>();
  for (const { op } of bounded) kernels.set(op.kernel, (kernels.get(op.kernel) ?? 0) + 1);
  return {
    flops: interval("flops"),
    transcendentals: interval("transcendentals"),
    kernels: [...kernels].map(([kernel, ops]) => ({ kernel, ops })),
  };
}

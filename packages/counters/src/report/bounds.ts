import type { Convention } from "../conventions/convention.ts";
import { exact, total } from "../expressions/integer.ts";
import type { CountedCall, CountedOp } from "../rules/counted.ts";
import type { BoundsReport } from "./report.ts";

/** The intervals that totals lie in; null where no op was counted by a bound. */
export function boundsOf(
  ops: readonly CountedOp[],
  calls: readonly CountedCall[],
  { bounds }: Convention,
): BoundsReport | null {
  const bounded = ops.filter((counted) => {
    return bounds.has(counted.op.kernel) && counted.formula.by === "formula";
  });
  if (bounded.length === 0) return null;
  const interval = (quantity: "flops" | "transcendentals") => {
    const sum = (counted: readonly (CountedOp | CountedCall)[]) =>
      total(counted.map(({ arithmetic }) => arithmetic[quantity] ?? 0));
    const most = sum([...ops, ...calls]);
    return [exact(BigInt(most) - BigInt(sum(bounded))), most] as const;
  };
  const kernels = new Map<string, number>();
  for (const { op } of bounded) kernels.set(op.kernel, (kernels.get(op.kernel) ?? 0) + 1);
  return {
    flops: interval("flops"),
    transcendentals: interval("transcendentals"),
    kernels: [...kernels].map(([kernel, ops]) => ({ kernel, ops })),
  };
}

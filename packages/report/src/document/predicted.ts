import type { Roofline } from "@opcounter/counters";
import type { PredictedTimes } from "./document.ts";
import type { Strings } from "./strings.ts";

/** The times that a roofline predicts, by op. */
export function predictedTimes(
  { ops, total }: Roofline,
  count: number,
  strings: Strings,
): PredictedTimes {
  const leastMs: (number | null)[] = Array.from({ length: count }, () => null);
  const expectedMs: (number | null)[] = Array.from({ length: count }, () => null);
  const bound: number[] = Array.from({ length: count }, () => -1);
  for (const row of ops) {
    if (row.op === null) continue;
    leastMs[row.op] = inShort(row.leastMs);
    expectedMs[row.op] = row.expected === null ? null : inShort(row.expected.ms);
    bound[row.op] = strings.index(row.bound);
  }
  return {
    ...{ leastMs, bound },
    expectedMs: total.expected === null ? null : expectedMs,
    total: { leastMs: total.leastMs, expected: total.expected },
  };
}

/** A prediction has no more digits than these, and a file of many ops is smaller. */
function inShort(ms: number): number {
  return Number(ms.toPrecision(6));
}

import type { DeviceSpec } from "@opcounter/counters";
import type { Work } from "@opcounter/executed";
import type { ExecutedReport } from "./report.ts";

/** How long what shaders execute takes a device at least, in milliseconds: ops one after another. */
export interface ExecutedLimits {
  /** The sum of the greatest of the ops' times. */
  readonly leastMs: number;
  readonly arithmeticMs: number;
  readonly transcendentalsMs: number;
  /** Null where the specification has no rate of integers. */
  readonly integersMs: number | null;
}

/** Bytes are left out, since caches serve most of what shaders load. */
export function executedLimits({ ops }: ExecutedReport, spec: DeviceSpec): ExecutedLimits {
  const { flops, transcendentals = flops, integers } = spec;
  const times = ops.map(({ work }) => ({
    arithmetic: operations(work) / flops,
    transcendentals: work.transcendentals / transcendentals,
    integers: integers === undefined ? 0 : work.integers / integers,
  }));
  const sum = (time: (each: (typeof times)[number]) => number) =>
    1e3 * times.reduce((total, each) => total + time(each), 0);
  return {
    leastMs: sum((each) => Math.max(...Object.values(each))),
    arithmeticMs: sum(({ arithmetic }) => arithmetic),
    transcendentalsMs: sum((each) => each.transcendentals),
    integersMs: integers === undefined ? null : sum((each) => each.integers),
  };
}

/** Floating-point operations; a multiply-add is two. */
function operations(work: Readonly<Work>): number {
  const { multiplyAdds, additions, multiplications, divisions, comparisons } = work;
  return 2 * multiplyAdds + additions + multiplications + divisions + comparisons;
}

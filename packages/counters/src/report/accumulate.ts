import { OpcounterError } from "@opcounter/ir/core";
import { exact } from "../expressions/integer.ts";
import { type Arithmetic, counted } from "./cost-sum.ts";
import type { Cost } from "./report.ts";

/** An op or a call that has been counted. */
interface Counted {
  readonly arithmetic: Arithmetic;
}

/** MACs and FLOPs added up in float32, in order of execution; layers counted as a whole come last. */
export function inFloat32(
  exactCost: Cost,
  ops: readonly Counted[],
  calls: readonly Counted[],
): Pick<Cost, "macs" | "flops"> {
  const total = (quantity: "macs" | "flops") => {
    const sum = [...ops, ...calls].reduce(
      (sum, { arithmetic }) =>
        Math.fround(sum + Math.fround(Number(counted(arithmetic[quantity])))),
      0,
    );
    // A float32 sum of integers is an integer; past its range it is infinite, and no total at all.
    if (!Number.isFinite(sum)) {
      throw new OpcounterError(
        "total-inexact",
        `The total of ${quantity} is past the range of float32`,
        { remedy: "add it up exactly" },
      );
    }
    return exact(BigInt(sum));
  };
  return {
    macs: exactCost.macs === null ? null : total("macs"),
    flops: exactCost.flops === null ? null : total("flops"),
  };
}

/** Says what the rounding lost, where it lost anything. */
export function roundingWarning(exactCost: Cost, cost: Cost): string[] {
  return (["macs", "flops"] as const).flatMap((quantity) => {
    const [exactly, rounded] = [exactCost[quantity], cost[quantity]];
    if (exactly === null || rounded === null || exactly === rounded) return [];
    const lost = BigInt(exactly) - BigInt(rounded);
    return [
      `${quantity} are added up in float32: ${rounded}, which is ${lost < 0n ? -lost : lost} ${lost < 0n ? "more" : "less"} than the exact sum ${exactly}.`,
    ];
  });
}

import type { ExecutedCost } from "./report.ts";

/** Why an op executes more than its formula counts. */
export type WasteCause = "padding" | "idle-invocations" | "index-arithmetic" | "re-reads";

/** One thing that an op executes beyond its result. */
export interface Waste {
  readonly cause: WasteCause;
  /**
   * Of `padding` and `idle-invocations` a share of all products or invocations; of the others how
   * many times: integer operations for each other one, bytes loaded for each byte of the operands.
   */
  readonly amount: number;
  /** A sentence without its full stop, about the op. */
  readonly reason: string;
}

/** Less than this share is no waste to speak of, and fewer times than these. */
const LEAST_SHARE = 0.05;
const LEAST_INTEGERS = 1;
const LEAST_READS = 2;

/** What an op executes beyond its formula, by cause. */
export function wasteOf(cost: ExecutedCost): Waste[] {
  // The invocations without a result are part of the padding, where there is any.
  const beyondResult = padding(cost) ?? idleInvocations(cost);
  return [beyondResult, integers(cost), reReads(cost)].flatMap((waste) => waste ?? []);
}

/** Products beyond MACs: tiles that reach past the operands. */
function padding({ products, macs, idle }: ExecutedCost): Waste | undefined {
  const beyond = products - Number(macs);
  if (Number(macs) === 0 || beyond / products < LEAST_SHARE) return undefined;
  const idleProducts = idle.multiplyAdds + idle.multiplications;
  const without =
    idleProducts / products < LEAST_SHARE
      ? "where tiles reach past the operands"
      : `${share(idleProducts / products)} by invocations that have no result`;
  return {
    cause: "padding",
    amount: beyond / products,
    reason: `${share(beyond / products)} of its products are padding of tiles, ${without}`,
  };
}

function idleInvocations({ invocations, idleInvocations: idle }: ExecutedCost): Waste | undefined {
  const amount = invocations === 0 ? 0 : idle / invocations;
  if (amount < LEAST_SHARE) return undefined;
  return {
    cause: "idle-invocations",
    amount,
    reason: `${share(amount)} of its invocations write no result`,
  };
}

/** Integer operations, which find where operands are. */
function integers({ work }: ExecutedCost): Waste | undefined {
  const floats = floatOperations(work);
  const amount = floats === 0 ? 0 : work.integers / floats;
  if (amount < LEAST_INTEGERS) return undefined;
  return {
    cause: "index-arithmetic",
    amount,
    reason: `${amount.toPrecision(3)} integer operations find operands for each floating-point one`,
  };
}

function reReads({ work, bytesRead }: ExecutedCost): Waste | undefined {
  const bytes = Number(bytesRead);
  const amount = bytes === 0 ? 0 : work.loadBytes / bytes;
  if (amount < LEAST_READS) return undefined;
  const how =
    work.sharedLoadBytes > 0 ? "as each tile loads its part" : "as windows overlap or rows repeat";
  return {
    cause: "re-reads",
    amount,
    reason: `it loads each byte of its operands ${amount.toPrecision(3)} times, ${how}`,
  };
}

/** All floating-point instructions; a multiply-add is one. */
export function floatOperations(work: ExecutedCost["work"]): number {
  const { multiplyAdds, additions, multiplications, divisions, comparisons, transcendentals } =
    work;
  return multiplyAdds + additions + multiplications + divisions + comparisons + transcendentals;
}

function share(part: number): string {
  return `${(100 * part).toFixed(0)} %`;
}

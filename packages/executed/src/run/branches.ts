import { elementAt } from "@opcounter/ir/core";
import { DEPENDS_ON_DATA, type Lanes } from "./lanes.ts";
import { ALWAYS, MAYBE, type Mask, type Masks, NEVER } from "./mask.ts";

/**
 * A condition is true for some of the workgroups that are run together, and false for others: they
 * have to be run apart.
 */
export class Indefinite {
  // No Error: it is thrown by the thousand, and nobody reads where.
  /** @param depends the coordinates that decide it, one bit each. */
  constructor(readonly depends: number) {}
}

/** Parts the invocations of a mask by a condition. */
export function split(masks: Masks, mask: Mask, condition: Lanes): [taken: Mask, otherwise: Mask] {
  if (condition.step === 0 && condition.isExact) {
    return condition.low[0] === 1 ? [mask, masks.empty] : [masks.empty, mask];
  }
  const taken = new Uint8Array(mask.lanes.length);
  const otherwise = new Uint8Array(mask.lanes.length);
  for (let lane = 0; lane < taken.length; lane++) {
    const runs = elementAt(mask.lanes, lane);
    if (runs === NEVER) continue;
    const isSure = condition.highAt(lane) === condition.lowAt(lane);
    if (!isSure) refuseIndefinite(condition);
    const isTrue = condition.highAt(lane) === 1;
    const isFalse = condition.lowAt(lane) === 0;
    if (isTrue) taken[lane] = isSure ? runs : MAYBE;
    if (isFalse) otherwise[lane] = isSure ? runs : MAYBE;
  }
  return [masks.of(taken), masks.of(otherwise)];
}

/** What is not known for the sake of buffers alone stays so for every workgroup. */
function refuseIndefinite({ depends }: Lanes): void {
  const coordinates = depends & ~DEPENDS_ON_DATA;
  if (coordinates !== 0) throw new Indefinite(coordinates);
}

/** Which invocations go on after a branch, of those that took each side. */
export function join(
  masks: Masks,
  mask: Mask,
  taken: readonly [before: Mask, after: Mask],
  otherwise: readonly [before: Mask, after: Mask],
): Mask {
  if (taken[0] === taken[1] && otherwise[0] === otherwise[1]) return mask;
  const lanes = new Uint8Array(mask.lanes.length);
  for (let lane = 0; lane < lanes.length; lane++) {
    const [a, b] = [elementAt(taken[1].lanes, lane), elementAt(otherwise[1].lanes, lane)];
    const isWhole = a === taken[0].lanes[lane] && b === otherwise[0].lanes[lane];
    if (isWhole) lanes[lane] = elementAt(mask.lanes, lane);
    else if (a === ALWAYS || b === ALWAYS) lanes[lane] = ALWAYS;
    else lanes[lane] = a === NEVER && b === NEVER ? NEVER : MAYBE;
  }
  return masks.of(lanes);
}

/** Whether both sides of a branch are taken: surely, or perhaps. */
export function parts(taken: Mask, otherwise: Mask): "surely" | "perhaps" | "not" {
  if (taken.isEmpty || otherwise.isEmpty) return "not";
  return taken.least > 0 && otherwise.least > 0 ? "surely" : "perhaps";
}

import type { WorkKind } from "../count/work.ts";
import { argument } from "./component.ts";
import { concrete, scalarKindOf } from "./convert.ts";
import type { Emitter, Value } from "./emitter.ts";
import { isFloat, scalar, scalarsOf, type Type, vector } from "./types.ts";

/** What one component of a reduction costs, for floats; of integers it is an integer operation. */
const REDUCTIONS: Readonly<Record<string, WorkKind>> = {
  Add: "additions",
  ExclusiveAdd: "additions",
  InclusiveAdd: "additions",
  Mul: "multiplications",
  ExclusiveMul: "multiplications",
  InclusiveMul: "multiplications",
  Min: "comparisons",
  Max: "comparisons",
  And: "integers",
  Or: "integers",
  Xor: "integers",
};

/** Moves of values between invocations, which cost nothing here. */
const MOVES = new Set([
  ...["Broadcast", "BroadcastFirst", "Shuffle", "ShuffleXor", "ShuffleUp", "ShuffleDown"],
  ...["SwapX", "SwapY", "SwapDiagonal"],
]);

/**
 * A function of a subgroup. The device chooses how large a subgroup is, so the result is not known;
 * a reduction counts as one operation per invocation and component. Undefined for another name.
 */
export function subgroupFunction(
  emitter: Emitter,
  name: string,
  args: readonly Value[],
  line: number,
): Value | undefined {
  const called = /^(?:subgroup|quad)(\w+)$/.exec(name)?.[1];
  if (called === undefined) return undefined;
  if (called === "Elect" || called === "All" || called === "Any") return unknown(scalar("bool"));
  if (called === "Ballot") return unknown(vector("u32", 4));
  const work = REDUCTIONS[called];
  if (work === undefined && !MOVES.has(called)) return undefined;
  const value = concrete(argument(args, 0, line));
  const kind = scalarKindOf(value, line);
  if (work !== undefined) emitter.charge(isFloat(kind) ? work : "integers", value.parts.length);
  return unknown(value.type);
}

/** A value of which nothing is known but its type. */
export function unknown(type: Type): Value {
  return { type, parts: scalarsOf(type).map((of) => ({ kind: "unknown", of })) };
}

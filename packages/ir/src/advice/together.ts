import { counted } from "../wording.ts";
import type { Advice, Finding } from "./advice-rule.ts";
import { savedTogether } from "./in-words.ts";

/** Joins what was found alike in one scope, such as in each step of a loop. */
export function together<T extends Advice | Finding>(found: readonly T[]): T[] {
  const places = new Map<string, T[]>();
  for (const each of found) {
    const key = JSON.stringify([each.rule, each.scope, each.finding]);
    const same = places.get(key);
    if (same === undefined) places.set(key, [each]);
    else same.push(each);
  }
  return [...places.values()].flatMap((same) => {
    const [first, ...more] = same;
    if (first === undefined || more.length === 0) return same;
    const advice: Advice[] = [];
    for (const each of same) if (isAdvice(each)) advice.push(each);
    return {
      ...first,
      finding: `${counted(same.length, "time")}: ${first.finding}`,
      ops: same.flatMap(({ ops }) => ops),
      ...(advice.length > 0 && { saves: savedTogether(advice) }),
    };
  });
}

export function isAdvice(found: Advice | Finding): found is Advice {
  return "remedy" in found;
}

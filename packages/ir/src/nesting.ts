/** How deep attributes nest at most. What goes through them does so by recursion. */
export const DEEPEST_ATTRIBUTE = 64;

/**
 * Whether a value of JSON nests deeper than that, arrays and objects alike. Level by level, so that
 * no depth is too much.
 */
export function nestsDeeper(json: unknown, deepest: number): boolean {
  let level = [json];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > deepest) return true;
    const next: unknown[] = [];
    for (const value of level) {
      if (typeof value !== "object" || value === null) continue;
      for (const inner of Object.values(value)) {
        if (typeof inner === "object" && inner !== null) next.push(inner);
        else if (depth === deepest) return true;
      }
    }
    level = next;
  }
  return false;
}

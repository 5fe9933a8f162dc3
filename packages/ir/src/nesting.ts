/** How deep attributes nest at most. What goes through them does so by recursion. */
export const DEEPEST_ATTRIBUTE = 64;

/**
 * Whether a value of JSON nests deeper than that, arrays and objects alike. It goes no deeper
 * itself, so that no value is too much for the stack, and makes no list: a model.json may have
 * millions of values.
 */
export function nestsDeeper(json: unknown, deepest: number): boolean {
  if (typeof json !== "object" || json === null) return false;
  if (Array.isArray(json)) {
    for (const inner of json) if (isTooDeep(inner, deepest)) return true;
    return false;
  }
  // What JSON gives inherits no properties that this would list.
  for (const name in json) if (isTooDeep(Reflect.get(json, name), deepest)) return true;
  return false;
}

function isTooDeep(inner: unknown, deepest: number): boolean {
  return deepest <= 0 || nestsDeeper(inner, deepest - 1);
}

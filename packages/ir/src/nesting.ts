/** How deep attributes nest at most. What goes through them does so by recursion. */
export const DEEPEST_ATTRIBUTE = 64;

/**
 * Whether a value of JSON nests deeper than that, arrays and objects alike. It goes no deeper
 * itself, so that no value is too much for the stack, and makes no list: a model.json may have
 * millions of values.
 */
export function nestsDeeper(json: unknown, deepest: number): boolean {
  if (deepest < 0) return true;
  if (typeof json !== "object" || json === null) return false;
  if (Array.isArray(json)) return json.some((inner) => nestsDeeper(inner, deepest - 1));
  // What JSON gives inherits no properties that this would list.
  for (const name in json) if (nestsDeeper(Reflect.get(json, name), deepest - 1)) return true;
  return false;
}

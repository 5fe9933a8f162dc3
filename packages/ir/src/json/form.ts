/**
 * The JSON form of a graph: the `Graph` itself without what follows from the rest, so that a graph
 * of a million ops stays small.
 *
 * - Ids are left out: the n-th element of `values`, `ops` and `calls` has id n. A result value does
 *   not name its op, because the op lists its results.
 * - An empty scope, no attributes, placement `gpu` and no dispatches are left out.
 * - A number that JSON cannot write is an object: `{"$number": "NaN"}`, likewise `"Infinity"`,
 *   `"-Infinity"` and `"-0"`. To keep attributes apart from these, a key of an attribute object
 *   that begins with `$` gets one `$` more.
 * - `notes` and `recording` say how the graph was recorded. A graph that passes made has no recording,
 *   and older files have neither.
 */
export const GRAPH_SCHEMA_VERSION = 1;

/** The numbers that JSON cannot write. */
export const UNWRITABLE = ["NaN", "Infinity", "-Infinity", "-0"] as const;
export type NumberJson = number | { readonly $number: (typeof UNWRITABLE)[number] };
export type AttributeJson =
  | NumberJson
  | string
  | boolean
  | null
  | readonly AttributeJson[]
  | { readonly [name: string]: AttributeJson };

/** `Array.isArray` that also narrows readonly arrays. */
export function isList<T extends object>(value: T): value is Extract<T, readonly unknown[]> {
  return Array.isArray(value);
}

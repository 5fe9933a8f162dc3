/**
 * The JSON form of a graph: the `Graph` itself, with what can be told from the rest left out, so
 * that a graph of a million ops stays readable and small.
 *
 * - Ids are not written: the n-th element of `values`, `ops` and `calls` has id n. A result value
 *   does not name its op: the op lists its results.
 * - An empty scope, no attributes, placement `gpu` and no dispatches are left out.
 * - Numbers that JSON has no notation for are written `{"$number": "NaN"}`, with `"Infinity"`,
 *   `"-Infinity"` and `"-0"` likewise. So that no attribute is mistaken for one, a key of an
 *   attribute object that begins with `$` is written with one `$` more.
 */
export const GRAPH_SCHEMA_VERSION = 1;

/** Numbers that JSON has no notation for, as they are tagged. */
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

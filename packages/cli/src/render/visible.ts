import { OBEYED, visible } from "@opcounter/ir";

export { visible };

/** The same, and the colours that renderers paint with. */
const OBEYED_OR_COLOR = new RegExp(`\\u001b\\[\\d{1,2}m|${OBEYED.source}`, "gu");

/**
 * Data with every text in it made visible, at any depth: what a renderer for people prints. Keys
 * stay as they are; only arrays and plain objects are gone through.
 */
export function withVisibleTexts<T>(data: T): T {
  // Sound: a text stays a text, and all else keeps its form.
  return visibleIn(data) as T;
}

function visibleIn(value: unknown): unknown {
  if (typeof value === "string") return visible(value);
  if (Array.isArray(value)) return value.map(visibleIn);
  if (typeof value !== "object" || value === null) return value;
  if (Object.getPrototypeOf(value) !== Object.prototype) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, visibleIn(each)]));
}

/**
 * A whole text as it may be written: its own lines, and its own colours where it has any, with
 * nothing else that a terminal obeys. Texts in JSON and in the text form of graphs are still the
 * same when they are read, since both read `\u009b` as what it stands for.
 *
 * @param hasColors whether the text was painted.
 */
export function printable(text: string, hasColors: boolean): string {
  return text.replaceAll(OBEYED_OR_COLOR, (found) => {
    const isOwn = found === "\n" || (hasColors && found.length > 1);
    return isOwn ? found : visible(found);
  });
}

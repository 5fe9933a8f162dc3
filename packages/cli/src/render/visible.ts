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

/**
 * The same of an object each of whose properties is made visible when it is read, and likewise those
 * of the objects that it has: a report has rows for every op, and most tables never show them.
 */
export function withVisibleParts<T extends object>(parts: T): T {
  const shown = {};
  for (const name of Object.keys(parts)) {
    Object.defineProperty(shown, name, {
      get() {
        const part: unknown = Reflect.get(parts, name);
        const value = isPlainObject(part) ? withVisibleParts(part) : visibleIn(part);
        Object.defineProperty(shown, name, { value });
        return value;
      },
      enumerable: true,
      configurable: true,
    });
  }
  // Sound: it has the properties of T, and texts stay texts.
  return shown as T;
}

/** What has nothing to make visible is returned as it is: a report is large, and such names rare. */
function visibleIn(value: unknown): unknown {
  if (typeof value === "string") return visible(value);
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return visibleItems(value);
  if (!isPlainObject(value)) return value;
  let changed: Record<string, unknown> | undefined;
  for (const key in value) {
    const each: unknown = Reflect.get(value, key);
    if (typeof each === "number") continue;
    const text = visibleIn(each);
    if (text !== each) changed = { ...(changed ?? value), [key]: text };
  }
  return changed ?? value;
}

function isPlainObject(value: unknown): value is object {
  return Object(value) === value && Object.getPrototypeOf(value) === Object.prototype;
}

function visibleItems(items: readonly unknown[]): readonly unknown[] {
  let changed: unknown[] | undefined;
  for (let i = 0; i < items.length; i++) {
    const each = items[i];
    const text = visibleIn(each);
    if (text === each) continue;
    changed ??= [...items];
    changed[i] = text;
  }
  return changed ?? items;
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

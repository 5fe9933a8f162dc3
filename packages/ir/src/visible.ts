const SHORT: Readonly<Record<string, string>> = { "\n": "\\n", "\r": "\\r", "\t": "\\t" };

/**
 * What a terminal obeys, and what breaks or turns round a line: control characters of C0 and C1,
 * line and paragraph separators, marks and overrides of the writing direction.
 */
export const OBEYED = /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/gu;

function escaped(character: string): string {
  return SHORT[character] ?? `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
}

/** A name with nothing in it that a terminal obeys, so that it stays on its line. */
export function visible(name: string): string {
  return /^[ -~]*$/.test(name) ? name : name.replaceAll(OBEYED, escaped);
}

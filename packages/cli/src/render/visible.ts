const SHORT: Readonly<Record<string, string>> = { "\n": "\\n", "\r": "\\r", "\t": "\\t" };

/** A name with its control characters and line ends escaped, so that it stays on its line. */
export function visible(name: string): string {
  return name.replaceAll(
    /[\p{Cc}\p{Zl}\p{Zp}]/gu,
    (c) => SHORT[c] ?? `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

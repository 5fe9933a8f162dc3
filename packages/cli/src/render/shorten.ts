import stringWidth from "fast-string-width";

/** A text in as many columns, with its middle left out: names differ most at their ends. */
export function shorten(text: string, width: number): string {
  if (stringWidth(text) <= width) return text;
  const characters = [...text];
  const rest = width - 1;
  const head = startOf(characters, Math.ceil(rest / 4));
  return `${head}…${startOf(characters.reverse(), rest - stringWidth(head), true)}`;
}

/** As many characters from the start as fit in a width; `backwards` undoes the reversal. */
function startOf(characters: readonly string[], width: number, backwards = false): string {
  const taken: string[] = [];
  let left = width;
  for (const character of characters) {
    left -= stringWidth(character);
    if (left < 0) break;
    taken.push(character);
  }
  return (backwards ? taken.reverse() : taken).join("");
}

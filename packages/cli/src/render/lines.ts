import stringWidth from "fast-string-width";
import type { Colors } from "picocolors/types";

/** Paints words for a terminal, or leaves them as they are. */
export type Paint = Pick<Colors, "bold" | "dim" | "green" | "red" | "yellow">;

const asItIs = (text: string | number | null | undefined) => String(text);

/** For what is no terminal. */
export const NO_PAINT: Paint = {
  ...{ bold: asItIs, dim: asItIs, green: asItIs, red: asItIs, yellow: asItIs },
};

/** How a result is printed. */
export interface Style {
  /** The most characters in a line. */
  readonly width: number;
  readonly paint: Paint;
  /** What bars are drawn with; `none` where programs read the result. */
  readonly bars: "blocks" | "ascii" | "none";
}

/** A narrower column is not folded: a word would stand on each line. */
const NARROWEST = 16;

/** Folds a line at its spaces; the lines after the first begin at column `indent`. */
export function fold(line: string, width: number, indent = 2): string {
  const lines = line.slice(indent).split("\n");
  const folded = lines.flatMap((part) =>
    width - indent < NARROWEST ? [part] : wordsInLines(part, width - indent),
  );
  return line.slice(0, indent) + folded.join(`\n${" ".repeat(indent)}`);
}

/** Words with the spaces before them, as many to a line as fit. */
function wordsInLines(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = "";
  let used = 0;
  for (const word of text.match(/\s*\S+/g) ?? []) {
    const wide = stringWidth(word);
    if (used > 0 && used + wide > width) {
      lines.push(line);
      line = word.trimStart();
      used = stringWidth(line);
    } else {
      line += word;
      used += wide;
    }
  }
  return [...lines, line];
}

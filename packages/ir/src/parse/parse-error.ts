import { OpcounterError } from "../errors.ts";
import { onOneLine } from "../wording.ts";

/** The text is not a graph. Line and column count from 1. */
export class ParseError extends OpcounterError {
  override name = "ParseError";

  constructor(
    what: string,
    readonly source: string,
    readonly line: number,
    readonly column: number,
    excerpt: string,
  ) {
    super(
      "graph-text-malformed",
      `${source}:${line}:${column}: ${onOneLine(what)}\n${frame(line, column, excerpt)}`,
    );
  }
}

/** How many columns of the line are shown on each side of the mistake. */
const CONTEXT = 60;

/** The line with a caret below the column. A long line is cut around the column. */
function frame(line: number, column: number, text: string): string {
  const start = Math.max(0, column - 1 - CONTEXT);
  const shown = text.slice(start, column - 1 + CONTEXT).replaceAll("\t", " ");
  const gutter = `${line} | `;
  const blank = `${" ".repeat(gutter.length - 2)}| `;
  return `${gutter}${shown}\n${blank}${" ".repeat(column - 1 - start)}^`;
}

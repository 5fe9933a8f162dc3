import { UserError } from "../errors.ts";

/** Text that is not a graph. Line and column count from 1. */
export class ParseError extends UserError {
  override name = "ParseError";

  constructor(
    what: string,
    readonly source: string,
    readonly line: number,
    readonly column: number,
    excerpt: string,
  ) {
    super(`${source}:${line}:${column}: ${what}\n${frame(line, column, excerpt)}`);
  }
}

/** Columns of the excerpt shown left and right of the mistake. */
const CONTEXT = 60;

/** The line, cut around the column if it is long, with a caret below the column. */
function frame(line: number, column: number, text: string): string {
  const start = Math.max(0, column - 1 - CONTEXT);
  const shown = text.slice(start, column - 1 + CONTEXT).replaceAll("\t", " ");
  const gutter = `${line} | `;
  const blank = `${" ".repeat(gutter.length - 2)}| `;
  return `${gutter}${shown}\n${blank}${" ".repeat(column - 1 - start)}^`;
}

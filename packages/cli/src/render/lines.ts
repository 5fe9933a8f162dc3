import { Help } from "commander";

/** How a result is printed. */
export interface Style {
  /** The most characters in a line. */
  readonly width: number;
  readonly color: boolean;
}

const USUAL_WIDTH = 80;

/**
 * The style for a file, or for stdout if none is given. A line is as wide as COLUMNS says, or else
 * as the terminal is. Without either it may have any length, for programs to read.
 */
export function styleFor(file: string | undefined): Style {
  const isTerminal = file === undefined && process.stdout.isTTY === true;
  const asked = Number(process.env["COLUMNS"]);
  // A terminal whose size was never set has 0 columns.
  const own = isTerminal ? process.stdout.columns || USUAL_WIDTH : Number.POSITIVE_INFINITY;
  return {
    width: Number.isSafeInteger(asked) && asked > 0 ? asked : own,
    color: isTerminal && process.env["NO_COLOR"] === undefined,
  };
}

/** Folds lines at spaces. commander's own help needs the same, so no other package is needed. */
const help = new Help();
help.minWidthToWrap = 16;

/** Folds a line at its spaces; the lines after the first begin at column `indent`. */
export function fold(line: string, width: number, indent = 2): string {
  const folded = help.boxWrap(line.slice(indent), width - indent);
  return line.slice(0, indent) + folded.replaceAll("\n", `\n${" ".repeat(indent)}`);
}

import { Help } from "commander";

/** How a result is shown where it goes. */
export interface Style {
  /** Characters a line may have. */
  readonly width: number;
  readonly color: boolean;
}

const USUAL_WIDTH = 80;

/**
 * The style for a file, or for stdout if none is given. Lines are as wide as COLUMNS says, else as
 * wide as the terminal. Without either a line has any length, for programs to read.
 */
export function styleFor(file: string | undefined): Style {
  const isTerminal = file === undefined && process.stdout.isTTY === true;
  const asked = Number(process.env["COLUMNS"]);
  // A terminal that nobody has told its size has 0 columns.
  const own = isTerminal ? process.stdout.columns || USUAL_WIDTH : Number.POSITIVE_INFINITY;
  return {
    width: Number.isSafeInteger(asked) && asked > 0 ? asked : own,
    color: isTerminal && process.env["NO_COLOR"] === undefined,
  };
}

/** Folds lines at blanks. The command line has commander anyway, so no other package is needed. */
const help = new Help();
help.minWidthToWrap = 16;

/** Folds a line at its blanks; the lines after the first begin at column `indent`. */
export function fold(line: string, width: number, indent = 2): string {
  const folded = help.boxWrap(line.slice(indent), width - indent);
  return line.slice(0, indent) + folded.replaceAll("\n", `\n${" ".repeat(indent)}`);
}

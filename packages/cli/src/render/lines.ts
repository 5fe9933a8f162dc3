import { Help } from "commander";

/** How a result is printed. */
export interface Style {
  /** The most characters in a line. */
  readonly width: number;
  readonly color: boolean;
  /** What bars are drawn with; `none` where programs read the result. */
  readonly bars: "blocks" | "ascii" | "none";
}

const USUAL_WIDTH = 80;

/**
 * The style for a file, or for stdout if none is given. A line is as wide as COLUMNS says, or else
 * as the terminal is. Without either it may have any length and has no bars, for programs to read.
 */
export function styleFor(file: string | undefined): Style {
  const isTerminal = file === undefined && process.stdout.isTTY === true;
  const asked = Number(process.env["COLUMNS"]);
  // A terminal whose size was never set has 0 columns.
  const own = isTerminal ? process.stdout.columns || USUAL_WIDTH : Number.POSITIVE_INFINITY;
  const width = Number.isSafeInteger(asked) && asked > 0 ? asked : own;
  const drawn = hasBlocks() ? "blocks" : "ascii";
  return {
    width,
    color: file === undefined && hasColors(isTerminal),
    bars: Number.isFinite(width) ? drawn : "none",
  };
}

/**
 * Whether stdout is painted. NO_COLOR (https://no-color.org) comes before FORCE_COLOR
 * (https://force-color.org); either counts where it is set and not empty, whatever its value.
 */
function hasColors(isTerminal: boolean): boolean {
  if (process.env["NO_COLOR"]) return false;
  return Boolean(process.env["FORCE_COLOR"]) || (isTerminal && process.env["TERM"] !== "dumb");
}

/** Whether the terminal shows the blocks of Unicode: not the kernel's own, nor another encoding. */
function hasBlocks(): boolean {
  const { TERM, LC_ALL, LC_CTYPE, LANG } = process.env;
  const locale = LC_ALL || LC_CTYPE || LANG;
  return TERM !== "linux" && TERM !== "dumb" && (!locale || /utf-?8/i.test(locale));
}

/** Folds lines at spaces. commander's own help needs the same, so no other package is needed. */
const help = new Help();
help.minWidthToWrap = 16;

/** Folds a line at its spaces; the lines after the first begin at column `indent`. */
export function fold(line: string, width: number, indent = 2): string {
  const folded = help.boxWrap(line.slice(indent), width - indent);
  return line.slice(0, indent) + folded.replaceAll("\n", `\n${" ".repeat(indent)}`);
}

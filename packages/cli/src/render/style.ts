import colors from "picocolors";
import type { Style } from "./lines.ts";

const USUAL_WIDTH = 80;

/**
 * The style for a file, or for stdout if none is given. A line is as wide as COLUMNS says, or else
 * as the terminal is. Without either it may have any length and has no bars, for programs to read.
 */
export function styleFor(file: string | undefined): Style & { readonly color: boolean } {
  const isTerminal = file === undefined && process.stdout.isTTY === true;
  const asked = Number(process.env["COLUMNS"]);
  // A terminal whose size was never set has 0 columns.
  const own = isTerminal ? process.stdout.columns || USUAL_WIDTH : Number.POSITIVE_INFINITY;
  const width = Number.isSafeInteger(asked) && asked > 0 ? asked : own;
  const drawn = hasBlocks() ? "blocks" : "ascii";
  const color = file === undefined && hasColors(isTerminal);
  return {
    width,
    color,
    paint: colors.createColors(color),
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

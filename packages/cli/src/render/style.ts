import colors from "picocolors";
import type { Style } from "./lines.ts";

const USUAL_WIDTH = 80;

/**
 * The style for a file, or for stdout if none is given. A line is as wide as COLUMNS says, or else
 * as the terminal is. Without either it may have any length, for programs to read.
 */
export function styleFor(file: string | undefined): Style & { readonly color: boolean } {
  const isTerminal = file === undefined && process.stdout.isTTY === true;
  const asked = Number(process.env["COLUMNS"]);
  // A terminal whose size was never set has 0 columns.
  const own = isTerminal ? process.stdout.columns || USUAL_WIDTH : Number.POSITIVE_INFINITY;
  const color = isTerminal && process.env["NO_COLOR"] === undefined;
  return {
    width: Number.isSafeInteger(asked) && asked > 0 ? asked : own,
    color,
    paint: colors.createColors(color),
  };
}

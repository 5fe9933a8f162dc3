import type { Style } from "./lines.ts";

/** How many characters the longest bar has. */
const LENGTH = 8;
const EIGHTHS = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];

/**
 * A bar as long as a part is of the largest, in eighths of a character; in ASCII in whole ones. What
 * is not 0 has the shortest bar at least.
 */
export function bar(part: number, largest: number, bars: Style["bars"]): string {
  if (bars === "none" || !(part > 0) || !(largest > 0)) return "";
  const length = (LENGTH * part) / largest;
  if (bars === "ascii") return "#".repeat(Math.max(Math.round(length), 1));
  const eighths = Math.max(Math.round(8 * length), 1);
  return "█".repeat(Math.floor(eighths / 8)) + EIGHTHS[eighths % 8];
}

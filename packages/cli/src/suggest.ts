import { closest } from "fastest-levenshtein";

/** The name that a person probably meant: one that goes on from what was typed, else the nearest. */
export function suggest(typed: string, names: readonly string[]): string {
  const longer = names.findLast((name) => name.startsWith(typed));
  return longer ?? closest(typed, names);
}

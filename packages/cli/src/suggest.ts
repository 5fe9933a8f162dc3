import { nearestName } from "@opcounter/ir";

/**
 * ` did you mean densenet121?`, for the name that a person probably meant: one that goes on from what
 * was typed, else one that is near; nothing where there is none.
 */
export function suggestion(typed: string, names: readonly string[]): string {
  const longer = names.findLast((name) => name.startsWith(typed));
  const meant = longer ?? nearestName(typed, names);
  return meant === undefined ? "" : ` did you mean ${meant}?`;
}

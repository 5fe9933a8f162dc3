import { namesToChoose, OpcounterError } from "@opcounter/ir/core";

/** What says which rows are printed, as a program without types may give it. */
interface GivenRows {
  readonly by: unknown;
  readonly depth: unknown;
  readonly top: unknown;
  readonly units: unknown;
}

/**
 * Checks options that the command line checks as it reads them.
 *
 * @param groupings what rows may be.
 * @throws OpcounterError "option-invalid" that names the first that has no such value.
 */
export function checkRowOptions(
  { by, depth, top, units }: GivenRows,
  groupings: readonly string[],
): void {
  checkChoice("by", by, groupings);
  checkChoice("units", units, ["short", "full"]);
  checkNumber("depth", depth);
  if (top !== undefined) checkNumber("top", top);
}

function checkChoice(name: string, given: unknown, choices: readonly string[]): void {
  const text = String(given);
  if (choices.includes(text)) return;
  throw new OpcounterError("option-invalid", `${name} is "${text}".`, {
    remedy: namesToChoose(text, choices),
  });
}

/** Infinity is all of them. */
function checkNumber(name: string, given: unknown): void {
  const isNumber = Number.isInteger(given) || given === Number.POSITIVE_INFINITY;
  if (isNumber && Number(given) >= 1) return;
  throw new OpcounterError("option-invalid", `${name} is ${String(given)}`, {
    remedy: "it must be an integer of at least 1",
  });
}

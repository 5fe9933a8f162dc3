import { OpcounterError } from "@opcounter/ir/core";
import type { OutputFormat, PrintOption } from "./output-format.ts";

/**
 * Checks that a format heeds what is asked for.
 *
 * @param given the options that were given, each with how a message names it: `{ top }`, `--top`.
 * @throws OpcounterError "options-conflict" where the format would ignore one of them.
 */
export function checkTaken(
  format: string,
  { takes }: Pick<OutputFormat, "takes">,
  given: ReadonlyMap<PrintOption, string>,
): void {
  const ignored = [...given].find(([option]) => !takes.includes(option));
  if (ignored === undefined) return;
  throw new OpcounterError(
    "options-conflict",
    `{ format: "${format}" } has no place for ${ignored[1]}`,
    { remedy: "leave one of the two out" },
  );
}

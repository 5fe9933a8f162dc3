import { existsSync, statSync } from "node:fs";
import { join } from "node:path";
import { OpcounterError } from "@opcounter/ir";
import type { Command } from "commander";
import type { InputOption } from "../target/input-option.ts";

/** The options whose values are files that are read, by the names of commander's attributes. */
const READ_FILES = ["plugin", "budget", "baseline", "deviceSpec"];

/**
 * @throws OpcounterError "options-conflict" where the result would be written over a file that the
 *   command line names as its input, unless --force is given.
 */
export function refuseOwnInput(command: Command): void {
  const output: unknown = command.getOptionValue("output");
  if (typeof output !== "string" || command.getOptionValue("force") === true) return;
  const written = identityOf(output);
  if (written === undefined) return;
  const read = filesRead(command).find((file) => identityOf(file) === written);
  if (read === undefined) return;
  throw new OpcounterError(
    "options-conflict",
    `--output ${output} would overwrite the input ${read}`,
    { remedy: "name another file, or add --force to overwrite it" },
  );
}

function filesRead(command: Command): string[] {
  const targets = command.args.flatMap((target) => [target, join(target, "model.json")]);
  const options = READ_FILES.flatMap((name): unknown => command.getOptionValue(name));
  const inputs: readonly InputOption[] = command.getOptionValue("input") ?? [];
  const files = inputs.flatMap((input) => ("path" in input ? [input.path] : []));
  return [...targets, ...options, ...files].filter((file) => typeof file === "string");
}

/** Tells files apart, whatever they are called; undefined for what is no plain file. */
function identityOf(path: string): string | undefined {
  if (!existsSync(path)) return undefined;
  const { dev, ino } = statSync(path, { bigint: true });
  return statSync(path).isFile() ? `${dev}:${ino}` : undefined;
}

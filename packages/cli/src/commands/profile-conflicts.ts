import { OpcounterError } from "@opcounter/ir";
import type { Command } from "commander";
import { formatOf, type OutputFormatName } from "../render/formats.ts";
import { PRINT_OPTIONS, type PrintOption } from "../render/output-format.ts";
import { checkTaken } from "../render/taken-options.ts";

/** Options that --symbolic respects, by the names of commander's attributes. */
const WITH_SYMBOLIC: ReadonlySet<string> = new Set(
  "symbolic input size batch device browserFlag flag values constantsAsParams weights maxBytes timeout allowHost training convention passes ignore strict plugin format output force".split(
    " ",
  ),
);

/** @throws OpcounterError where an option is given that --symbolic would ignore. */
export function refuseBesideSymbolic(command: Command): void {
  const { symbolic, format } = command.opts<{ symbolic?: string; format: OutputFormatName }>();
  if (symbolic === undefined) return;
  if (formatOf(format).symbolic === undefined) throw noFormulas(format);
  const other = command.options.find((option) => {
    const name = option.attributeName();
    return !WITH_SYMBOLIC.has(name) && command.getOptionValueSource(name) === "cli";
  });
  if (other === undefined) return;
  throw new OpcounterError(
    "options-conflict",
    `--symbolic prints formulas, which ${other.long} does not go with`,
    { remedy: "leave one of the two out" },
  );
}

/** Options that say what is printed, by the names of commander's attributes. */
const PRINT_OPTION_OF: ReadonlyMap<string, PrintOption> = new Map<string, PrintOption>([
  ...PRINT_OPTIONS.map((name) => [name, name] as const),
  ["deviceSpec", "roofline"],
]);

/** @throws OpcounterError where an option is given that the format would ignore. */
export function refuseIgnored(command: Command): void {
  const { format } = command.opts<{ readonly format: OutputFormatName }>();
  const given = command.options.flatMap((option): [PrintOption, string][] => {
    const name = PRINT_OPTION_OF.get(option.attributeName());
    const isGiven = command.getOptionValueSource(option.attributeName()) === "cli";
    return name !== undefined && isGiven ? [[name, option.long ?? name]] : [];
  });
  checkTaken(format, formatOf(format), new Map(given));
}

/** Options that make sense for several targets, by the names of commander's attributes. */
const FOR_SEVERAL: ReadonlySet<string> = new Set(
  "input size batch device browserFlag limits values constantsAsParams weights maxBytes timeout allowHost training convention passes ignore strict plugin format output force".split(
    " ",
  ),
);

/** @throws OpcounterError where an option is given that a table of models has no place for. */
export function refuseForSeveral(command: Command): void {
  if (command.args.length < 2) return;
  const other = command.options.find((option) => {
    const name = option.attributeName();
    return !FOR_SEVERAL.has(name) && command.getOptionValueSource(name) === "cli";
  });
  if (other === undefined) return;
  throw new OpcounterError(
    "options-conflict",
    `Several targets have one row each, which ${other.long} does not go with`,
    { remedy: "name one target" },
  );
}

/** The error of a format that has no place for formulas. */
export function noFormulas(format: OutputFormatName): OpcounterError {
  return new OpcounterError(
    "options-conflict",
    `--symbolic prints formulas, which --format ${format} has no place for`,
    { remedy: "choose another format" },
  );
}

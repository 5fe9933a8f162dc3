import { repeatedName } from "@opcounter/ir";
import { type Command, InvalidArgumentError, Option } from "commander";
import type { Units } from "../render/figures.ts";
import { OUTPUT_FORMATS, type OutputFormatName } from "../render/formats.ts";
import { GROUPINGS, type Grouping } from "../render/rows.ts";
import { integerFrom } from "./program.ts";

/** What commands that print a report take. */
export interface PrintingOptions {
  readonly convention?: string;
  readonly ignore: readonly string[];
  readonly plugin: readonly string[];
  readonly format: OutputFormatName;
  readonly by: Grouping;
  readonly depth: number;
  readonly top?: number;
  readonly sort?: string;
  readonly columns?: readonly string[];
  readonly units: Units;
  readonly dispatches?: boolean;
  readonly executed?: boolean;
  readonly deviceSpec?: string;
  readonly strict?: boolean;
  readonly verbose?: boolean;
}

/**
 * Adds the options that say what is printed of a report.
 *
 * @param by what rows are unless --by says, and what else they may be.
 */
export function addPrintOptions(
  command: Command,
  by: Grouping,
  groupings: readonly Grouping[] = GROUPINGS,
): Command {
  return command
    .addOption(
      new Option("-f, --format <format>", "what to print")
        .choices(Object.keys(OUTPUT_FORMATS))
        .default("table"),
    )
    .addOption(
      new Option("--by <grouping>", "what the table's rows are").choices(groupings).default(by),
    )
    .option("--depth <n>", "how deep the table shows scopes", integerFrom(1), 2)
    .option("--top <n>", "only the n rows that cost the most", integerFrom(1))
    .option(
      "--sort <figure>",
      "sort rows by macs, params, flops, bytes, memory, dispatches, time or a plugin's cost",
    )
    .option("--columns <names>", "the table's columns (comma-separated)", columnsFrom)
    .addOption(
      new Option("--units <how>", "how the table writes numbers: 2.834 G, or 2,834,161,664")
        .choices(["short", "full"])
        .default("short"),
    )
    .option("--dispatches", "list every GPU dispatch with its workgroups")
    .option(
      "--executed",
      "count in the shaders what they really execute: operations, bytes, padding, no GPU needed",
    )
    .option(
      "--device-spec <device>",
      "compare each op with the peak performance of a device of `opcounter devices` or of a JSON file; needs no GPU",
    )
    .option("--strict", "exit with status 1 if there is no formula for an op's kernel")
    .option("--verbose", "with --by op: show each op's formula with its numbers");
}

/** Reads --columns. */
function columnsFrom(text: string): readonly string[] {
  const names = text.split(",").map((name) => name.trim());
  if (names.includes("")) throw new InvalidArgumentError("A name is missing beside a comma.");
  const twice = repeatedName(names);
  if (twice !== undefined) throw new InvalidArgumentError(`It names ${twice} twice.`);
  return names;
}

import { type Command, Option } from "commander";
import { KERNEL_LIST_FORMATS } from "../render/kernel-list.ts";
import { styleFor } from "../render/style.ts";
import { writeResult } from "./program.ts";

type Format = keyof typeof KERNEL_LIST_FORMATS;

/** Adds `opcounter ops`. */
export function addOpsCommand(program: Command): void {
  program
    .command("ops")
    .description("List every kernel with the formula that counts it")
    .addOption(
      new Option("-f, --format <format>", "what to print")
        .choices(Object.keys(KERNEL_LIST_FORMATS))
        .default("table"),
    )
    .option("-o, --output <file>", "write the result to a file")
    .exitOverride()
    .action(({ format, output }: { format: Format; output?: string }) => {
      writeResult(KERNEL_LIST_FORMATS[format](styleFor(output)), output);
    });
}

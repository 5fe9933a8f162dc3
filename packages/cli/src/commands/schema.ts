import { graphJsonSchema } from "@opcounter/ir";
import type { Command } from "commander";
import { writeResult } from "./program.ts";

/** Adds `opcounter schema`. */
export function addSchemaCommand(program: Command): void {
  program
    .command("schema")
    .description("Print the JSON Schema of a graph's JSON form")
    .option("-o, --output <file>", "write the result to a file")
    .exitOverride()
    .action(async ({ output }: { output?: string }) => {
      writeResult(JSON.stringify(await graphJsonSchema(), null, 2), output);
    });
}

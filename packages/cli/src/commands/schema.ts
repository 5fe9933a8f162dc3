import { OpcounterError } from "@opcounter/ir";
import { graphJsonSchema } from "@opcounter/ir/read";
import type { Command } from "commander";
import { writeResult } from "./program.ts";

interface SchemaOptions {
  readonly report?: boolean;
  readonly budget?: boolean;
  readonly output?: string;
}

/** Adds `opcounter schema`. */
export function addSchemaCommand(program: Command): void {
  program
    .command("schema")
    .description("Print the JSON Schema of a graph's JSON form, a report's, or a budget's")
    .option("--report", "of what profile --format json prints")
    .option("--budget", "of the file of budgets that check reads")
    .option("-o, --output <file>", "write the result to a file")
    .exitOverride()
    .action(async (options: SchemaOptions) => {
      writeResult(JSON.stringify(await schemaOf(options), null, 2), options.output);
    });
}

async function schemaOf({ report, budget }: SchemaOptions): Promise<unknown> {
  if (report && budget) {
    throw new OpcounterError("options-conflict", "--report and --budget are two schemas", {
      remedy: "ask for one",
    });
  }
  if (report) return (await import("../report-schema.ts")).reportJsonSchema();
  if (budget) return (await import("../budget-schema.ts")).budgetJsonSchema();
  return graphJsonSchema();
}

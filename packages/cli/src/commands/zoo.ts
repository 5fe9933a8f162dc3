import { type Command, Option } from "commander";
import { ZOO } from "../zoo/catalog.ts";
import { writeResult } from "./program.ts";

/** Adds `opcounter zoo`. */
export function addZooCommand(program: Command): void {
  program
    .command("zoo")
    .description("List the models that can be profiled by name")
    .addOption(
      new Option("-f, --format <format>", "what to print")
        .choices(["table", "json"])
        .default("table"),
    )
    .exitOverride()
    .action(({ format }: { format: "table" | "json" }) => {
      const models = Object.values(ZOO).map(({ name, input, paper }) => ({ name, input, paper }));
      const longest = Math.max(...models.map(({ name }) => name.length));
      const lines = models.map(
        ({ name, input, paper }) =>
          `${name.padEnd(longest)}  ${input.join("x").padEnd(13)}  ${paper.title} (${paper.year})`,
      );
      writeResult(
        format === "json" ? JSON.stringify(models, null, 2) : lines.join("\n"),
        undefined,
      );
    });
}

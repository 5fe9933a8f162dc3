import { FLAGS } from "@opcounter/tracer";
import type { Command } from "commander";
import { fold } from "../render/lines.ts";
import { styleFor } from "../render/style.ts";
import { writeResult } from "./program.ts";

/** Adds `opcounter flags`. */
export function addFlagsCommand(program: Command): void {
  program
    .command("flags")
    .description("List the flags of TensorFlow.js that --flag sets, with their defaults")
    .exitOverride()
    .action(() => {
      const { width } = styleFor(undefined);
      const lines = Object.entries(FLAGS).flatMap(([name, { usual, what }]) => [
        `${name}=${usual}`,
        fold(`    ${what}`, width, 4),
      ]);
      writeResult(lines.join("\n"), undefined);
    });
}

import { advise } from "@opcounter/ir";
import { type Command, Option } from "commander";
import { withProgress } from "../progress.ts";
import { ADVICE_FORMATS, type AdviceFormatName, PLACES } from "../render/advice.ts";
import { styleFor } from "../render/style.ts";
import { traceTarget } from "../target/load-target.ts";
import { withRunner } from "./device-option.ts";
import {
  integerFrom,
  runOptionsOf,
  type TargetOptions,
  targetCommand,
  writeResult,
} from "./program.ts";

interface AdviseOptions extends TargetOptions {
  readonly format: AdviceFormatName;
  readonly top?: number;
}

/** Adds `opcounter advise`. */
export function addAdviseCommand(program: Command): void {
  targetCommand(
    program,
    "advise",
    "Say what could be changed in a model, and what each change would save",
  )
    .addOption(
      new Option("-f, --format <format>", "what to print")
        .choices(Object.keys(ADVICE_FORMATS))
        .default("text"),
    )
    .option(
      "--top <n>",
      `only the n places that save the most (default in text and md: ${PLACES} per remedy)`,
      integerFrom(1),
    )
    .action(async (target: string, options: AdviseOptions) => {
      const graph = await withRunner(options, (runner) =>
        withProgress(`Running ${target} ${runner.where}`, () =>
          traceTarget(target, options.input, { runner, ...runOptionsOf(options) }),
        ),
      );
      const { width } = styleFor(options.output);
      const text = ADVICE_FORMATS[options.format](advise(graph), options.top, width);
      writeResult(text, options.output);
    });
}

import { advise } from "@opcounter/ir";
import { withBackend } from "@opcounter/tracer";
import { type Command, Option } from "commander";
import { withProgress } from "../progress.ts";
import { ADVICE_FORMATS, type AdviceFormatName, PLACES } from "../render/advice.ts";
import { styleFor } from "../render/style.ts";
import { traceTarget } from "../target/load-target.ts";
import {
  deviceOf,
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
      const device = await deviceOf(options);
      const graph = await withBackend(device, () =>
        withProgress(`Running ${target} on the ${device.name} device`, () =>
          traceTarget(target, options.input, { device, ...runOptionsOf(options) }),
        ),
      );
      const { width } = styleFor(options.output);
      const text = ADVICE_FORMATS[options.format](advise(graph), options.top, width);
      writeResult(text, options.output);
    });
}

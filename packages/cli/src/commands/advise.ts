import { type AdviceFinding, advise, type Graph } from "@opcounter/ir";
import { type Command, Option } from "commander";
import { executedWith } from "../executed/with-kept.ts";
import { withProgress } from "../progress.ts";
import { ADVICE_FORMATS, type AdviceFormatName, PLACES } from "../render/advice.ts";
import { styleFor } from "../render/style.ts";
import { traceTarget, tracing } from "../target/load-target.ts";
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
  readonly executed?: boolean;
  readonly training?: boolean;
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
    .option("--training", "advise on one training step, as `profile --training` counts it")
    .option("--executed", "count in the shaders too, and say which of them pad most")
    .action(async (target: string, options: AdviseOptions) => {
      const graph = await withRunner(options, (runner) =>
        withProgress(tracing(target, runner), () =>
          traceTarget(target, options.input, {
            runner,
            ...runOptionsOf(options),
            training: options.training ?? false,
          }),
        ),
      );
      const { noteExactStorage } = await import("@opcounter/tracer");
      const { advice, findings } = advise(await noteExactStorage(graph));
      const padded = options.executed ? await paddedTiles(graph) : [];
      const { width } = styleFor(options.output);
      const found = { advice, findings: [...padded, ...findings] };
      const text = ADVICE_FORMATS[options.format](found, options.top, width);
      writeResult(text, options.output);
    });
}

/** What was found in the shaders. */
async function paddedTiles(graph: Graph): Promise<AdviceFinding[]> {
  const { executedFindings } = await import("../executed/findings.ts");
  return executedFindings(graph, await executedWith(graph));
}

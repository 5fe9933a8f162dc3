import {
  explain,
  explainPublished,
  findConvention,
  readPublishedFigure,
} from "@opcounter/counters";
import { OpcounterError } from "@opcounter/ir";
import { type Command, Option } from "commander";
import { withProgress } from "../progress.ts";
import { EXPLANATION_FORMATS, type ExplanationFormatName } from "../render/explanation.ts";
import { styleFor } from "../render/style.ts";
import { traceTarget, tracing } from "../target/load-target.ts";
import { withRunner } from "./device-option.ts";
import {
  collect,
  runOptionsOf,
  type TargetOptions,
  targetCommand,
  writeResult,
} from "./program.ts";
import { pluginsOf } from "./shared.ts";

interface ExplainOptions extends TargetOptions {
  readonly convention: string;
  readonly against: string;
  readonly format: ExplanationFormatName;
  readonly plugin: readonly string[];
}

/** Adds `opcounter explain`. */
export function addExplainCommand(program: Command): void {
  targetCommand(
    program,
    "explain",
    "Explain the difference between the totals of two conventions, to the unit",
  )
    .requiredOption("-c, --convention <name>", "the convention to explain")
    .option(
      "--against <name or figure>",
      "another convention, or a published figure: 2914598912, 714.2M, 15e9",
      "native",
    )
    .addOption(
      new Option("-f, --format <format>", "what to print")
        .choices(Object.keys(EXPLANATION_FORMATS))
        .default("text"),
    )
    .option("--plugin <file>", "a module with conventions of your own; repeatable", collect, [])
    .action(async (target: string, options: ExplainOptions) => {
      writeResult(await explainCommand(target, options), options.output);
    });
}

async function explainCommand(specifier: string, options: ExplainOptions): Promise<string> {
  const { width } = styleFor(options.output);
  const format = EXPLANATION_FORMATS[options.format];
  const { conventions, counters } = await pluginsOf(options.plugin);
  const convention = findConvention(options.convention, conventions);
  const isNumber = /^[-+.,_]*\d/.test(options.against);
  const published = readPublishedFigure(options.against);
  if (isNumber && published === undefined) {
    throw new OpcounterError(
      "option-invalid",
      `--against ${options.against} is no published figure`,
      { remedy: "write an integer, such as 2,914,598,912, or a rounded one, 714.2M or 15e9" },
    );
  }
  const against = published ?? findConvention(options.against, conventions);
  const graph = await withRunner(options, (runner) =>
    withProgress(tracing(specifier, runner), () =>
      traceTarget(specifier, options.input, { runner, ...runOptionsOf(options) }),
    ),
  );
  if ("within" in against) {
    if (options.convention === "native") {
      throw new OpcounterError("options-conflict", "A published figure is some tool's", {
        remedy: "name its convention, not native",
      });
    }
    return format.published(explainPublished(graph, convention, against), width);
  }
  return format.explanation(explain(graph, convention, against, { counters }), width);
}

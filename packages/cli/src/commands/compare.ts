import { type CostReport, compare, count, NATIVE } from "@opcounter/counters";
import { type Graph, OpcounterError, runPasses } from "@opcounter/ir";
import { type Command, Option } from "commander";
import { type Counting, reportOfTarget, rulesOf, runTarget } from "../count-target.ts";
import { passRegistry } from "../passes.ts";
import type { ComparisonOptions } from "../render/comparison.ts";
import { COMPARISON_FORMATS, type ComparisonFormatName } from "../render/comparison-formats.ts";
import type { ComparisonFound } from "../render/comparison-tables.ts";
import { styleFor } from "../render/style.ts";
import { withRunner } from "./device-option.ts";
import {
  countingOptions,
  integerFrom,
  runOptionsOf,
  type TargetOptions,
  targetCommand,
  writeResult,
} from "./program.ts";
import { pluginsOf } from "./shared.ts";

interface CompareOptions extends TargetOptions, ComparisonOptions {
  readonly convention?: string;
  readonly passes?: string;
  readonly ignore: readonly string[];
  readonly format: ComparisonFormatName;
  readonly plugin: readonly string[];
}

/** Adds `opcounter compare`. */
export function addCompareCommand(program: Command): void {
  const command = targetCommand(
    program,
    "compare",
    "Show what differs between two models, graphs or reports, or what passes change",
    "<a> [b]",
  );
  countingOptions(command)
    .option(
      "-p, --passes <pipeline>",
      "of one target: compare it with itself after these passes; of two: run them on both",
    )
    .addOption(
      new Option("-f, --format <format>", "what to print; csv and latex are the totals alone")
        .choices(Object.keys(COMPARISON_FORMATS))
        .default("table"),
    )
    .addOption(
      new Option("--by <rows>", "ops that differ in the same way together, or each op")
        .choices(["kind", "op"])
        .default("kind"),
    )
    .addOption(
      new Option("--units <how>", "how totals are written: 2.834 G, or 2,834,161,664")
        .choices(["short", "full"])
        .default("short"),
    )
    .option("--depth <n>", "how deep scopes are shown", integerFrom(1), 2)
    .option("--top <n>", "how many scopes and ops are shown", integerFrom(1), 30)
    .action(async (a: string, b: string | undefined, options: CompareOptions) => {
      const found = await compareTargets(a, b, options);
      const style = styleFor(options.output);
      writeResult(await COMPARISON_FORMATS[options.format](found, options, style), options.output);
    });
}

async function compareTargets(
  a: string,
  b: string | undefined,
  options: CompareOptions,
): Promise<ComparisonFound> {
  const { input, convention = NATIVE, passes, ignore } = options;
  return withRunner(options, async (runner) => {
    const plugins = await pluginsOf(options.plugin);
    const run = runOptionsOf(options);
    const counting: Counting = { runner, input, run, plugins, convention, passes, ignore };
    if (b !== undefined) {
      const before = await reportOfTarget(a, counting);
      return { ...compare(before, await reportOfTarget(b, counting)), passes: [] };
    }
    if (passes === undefined) {
      throw new OpcounterError("option-invalid", `There is nothing to compare ${a} with`, {
        remedy: "name a second target, or passes: --passes fold-batchnorm,fuse",
      });
    }
    return comparePasses(await runTarget(a, counting), passes, counting);
  });
}

/** Compares a graph with itself after passes, and says what each of them changed. */
function comparePasses(recorded: Graph, passes: string, counting: Counting): ComparisonFound {
  const { plugins } = counting;
  const { counters, costs } = plugins;
  const rules = { ...rulesOf({ ...counting, passes: undefined }), counters, costs };
  const before = count(recorded, rules);
  const steps: { pass: string; report: CostReport }[] = [];
  runPasses(recorded, passes, {
    registry: passRegistry(plugins),
    onAfterPass: (pass, graph) => steps.push({ pass, report: count(graph, rules) }),
  });
  const after = steps.at(-1)?.report ?? before;
  return {
    ...compare(before, { ...after, passes }),
    passes: steps.map(({ pass, report }, i) => ({
      pass,
      totals: compare(steps[i - 1]?.report ?? before, report).totals,
    })),
  };
}

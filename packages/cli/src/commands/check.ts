import { existsSync } from "node:fs";
import {
  type Budget,
  type CheckResult,
  type CostReport,
  check,
  NATIVE,
  REPORT_QUANTITIES,
  readIncrease,
  readLimits,
} from "@opcounter/counters";
import { OpcounterError } from "@opcounter/ir";
import { type Command, Option } from "commander";
import type { BudgetEntry } from "../budget-schema.ts";
import { type Counting, errorOfOne, reportOfTarget } from "../count-target.ts";
import type { MergedPlugins } from "../plugin.ts";
import { readBudgets } from "../read-budget.ts";
import { inFile, naming } from "../read-file.ts";
import { allPassed, CHECK_FORMATS, type CheckFormatName } from "../render/check.ts";
import { styleFor } from "../render/style.ts";
import type { Runner } from "../runner.ts";
import { parseInputOption } from "../target/input-option.ts";
import { refuseSavedGraph } from "../target/load-target.ts";
import { readReport } from "../target/read-report.ts";
import { withRunner } from "./device-option.ts";
import {
  collect,
  countingOptions,
  EXIT,
  refuseOptionsOfRuns,
  runOptionsOf,
  type TargetOptions,
  targetCommand,
  USUAL_TIMING,
  writeResult,
} from "./program.ts";
import { pluginsOf } from "./shared.ts";

interface CheckOptions extends TargetOptions {
  readonly convention?: string;
  readonly passes?: string;
  readonly ignore: readonly string[];
  readonly plugin: readonly string[];
  readonly max: readonly string[];
  readonly budget?: string;
  readonly baseline?: string;
  readonly maxIncrease?: string;
  readonly strict?: boolean;
  readonly format: CheckFormatName;
}

/** The file that is read where no target is named. */
const BUDGET_FILE = "opcounter.budget.json";

/** Adds `opcounter check`, with an option `--max-…` for every quantity. */
export function addCheckCommand(program: Command): void {
  const command = targetCommand(
    program,
    "check",
    "Check that models keep to a budget; exit with status 1 if one does not",
    "[targets...]",
  );
  countingOptions(command)
    .option("-p, --passes <pipeline>", "passes to run before counting")
    .option("--budget <file>", `budgets of several models (default: ${BUDGET_FILE})`)
    .option("--max <cost=amount>", "the most of a cost of your own; repeatable", collect, [])
    .option("--baseline <report.json>", "a report to compare with; see --max-increase")
    .option("--max-increase <percent>", "how much more than the baseline, such as 2%")
    .option("--strict", "fail, too, on what --limits refuse and on kernels that nothing counts")
    .addOption(
      new Option("-f, --format <format>", "what to print")
        .choices(Object.keys(CHECK_FORMATS))
        .default("table"),
    );
  for (const { name, title, unit } of REPORT_QUANTITIES) {
    command.option(`--max-${inKebabCase(name)} <amount>`, `the most ${title}, ${EXAMPLES[unit]}`);
  }
  command.action(async (targets: readonly string[], options: CheckOptions) => {
    const max = maxOf(command);
    const file = targets.length > 0 ? undefined : (options.budget ?? BUDGET_FILE);
    const entries =
      file === undefined ? entriesOf(targets, options, max) : await fileOf(file, options, max);
    refuseSavedTargets(entries, command);
    const results = await checkEntries(entries, options, file);
    const style = styleFor(options.output);
    writeResult(CHECK_FORMATS[options.format](results, style), options.output);
    if (!allPassed(results)) process.exitCode = EXIT.checkFailed;
  });
}

const EXAMPLES: Readonly<Record<string, string>> = {
  count: "such as 300M",
  bytes: "such as 64MiB",
  ms: "such as 5ms",
};

function inKebabCase(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

/** The limits that options give, by the names of quantities. */
function maxOf(command: Command): Record<string, string> {
  const options = command.opts<Readonly<Record<string, unknown>>>();
  const builtIn = REPORT_QUANTITIES.flatMap(({ name }) => {
    const given = options[`max${name.charAt(0).toUpperCase()}${name.slice(1)}`];
    return typeof given === "string" ? [[name, given] as const] : [];
  });
  const own = command.opts<CheckOptions>().max.map((text): [string, string] => {
    const [, name, amount] = /^([^=]+)=(.+)$/s.exec(text) ?? [];
    if (name !== undefined && amount !== undefined) return [name, amount];
    throw new OpcounterError("budget-invalid", `--max ${text} names no cost with an amount`, {
      remedy: "write one such as --max energy=2mJ",
    });
  });
  return Object.fromEntries([...builtIn, ...own]);
}

/** @throws OpcounterError where a target is read and not run, and something is said of its run. */
function refuseSavedTargets(entries: readonly BudgetEntry[], command: Command): void {
  for (const { target, input, batch } of entries) {
    if (input !== undefined) refuseSavedGraph(target, "input");
    if (batch !== undefined) refuseSavedGraph(target, "batch");
    refuseOptionsOfRuns(command, [target]);
  }
}

async function checkEntries(
  entries: readonly BudgetEntry[],
  options: CheckOptions,
  file: string | undefined,
): Promise<CheckResult[]> {
  const plugins = await pluginsOf(options.plugin);
  // Before anything runs, which may take long.
  for (const entry of entries) {
    const readAll = () => {
      checkNotEmpty(entry, options);
      checkLimits(entry, plugins);
    };
    if (file === undefined) readAll();
    else inFile(`${file}, ${entry.target}`, readAll);
  }
  return withRunner(options, async (runner) => {
    const results: CheckResult[] = [];
    for (const entry of entries) {
      const counting = countingOf(entry, options, runner, plugins);
      const result = checkEntry(entry, counting, options).catch((error: unknown) => {
        if (file !== undefined) throw naming(`${file}, ${entry.target}`, error);
        throw entries.length > 1 ? errorOfOne(entry.target, error) : error;
      });
      results.push(await result);
    }
    return results;
  });
}

async function checkEntry(
  entry: BudgetEntry,
  counting: Counting,
  options: CheckOptions,
): Promise<CheckResult> {
  const report = await reportOfTarget(entry.target, counting);
  checkConvention(report, entry);
  const strict = entry.strict ?? options.strict ?? false;
  return check(report, { ...(await budgetOf(entry)), strict });
}

/** How a target is run and counted: what its entry says comes before what the options say. */
function countingOf(
  { input, batch, convention, passes, ...entry }: BudgetEntry,
  options: CheckOptions,
  runner: Runner,
  plugins: MergedPlugins,
): Counting {
  const isTimed = limitsOf(entry).some((limits) => "gpuTime" in limits);
  return {
    runner,
    input: input?.map((text) => parseInputOption(text)) ?? options.input,
    run: {
      ...runOptionsOf(batch === undefined ? options : { ...options, batch }),
      ...(isTimed ? { time: USUAL_TIMING } : {}),
    },
    plugins,
    convention: convention ?? options.convention ?? NATIVE,
    passes: passes ?? options.passes,
    ignore: options.ignore,
  };
}

/** @throws OpcounterError where a target is a report that another convention has counted. */
function checkConvention({ convention }: CostReport, entry: BudgetEntry): void {
  if (entry.convention === undefined || entry.convention === convention) return;
  throw new OpcounterError(
    "reports-incomparable",
    `${entry.target} is a report by ${convention}, not by ${entry.convention}`,
    { remedy: "count the model again" },
  );
}

/** Named targets all have the limits of the options. */
function entriesOf(
  targets: readonly string[],
  { budget, convention, baseline, maxIncrease }: CheckOptions,
  max: Record<string, string>,
): BudgetEntry[] {
  if (budget !== undefined) {
    throw new OpcounterError("options-conflict", "--budget names the targets itself", {
      remedy: "leave out either the file or the targets",
    });
  }
  return targets.map((target) => ({
    target,
    max,
    ...(convention === undefined ? {} : { convention }),
    ...(baseline === undefined ? {} : { baseline }),
    ...(maxIncrease === undefined ? {} : { maxIncrease }),
  }));
}

/** @throws OpcounterError where options give limits that no target is named for. */
async function fileOf(
  file: string,
  { baseline, maxIncrease }: CheckOptions,
  max: Record<string, string>,
): Promise<readonly BudgetEntry[]> {
  if (Object.keys(max).length > 0 || baseline !== undefined || maxIncrease !== undefined) {
    throw new OpcounterError("options-conflict", "The limits are given, but no target", {
      remedy: "name a target, or leave the limits to the file of budgets",
    });
  }
  if (file === BUDGET_FILE && !existsSync(file)) {
    throw new OpcounterError("file-not-found", `There is no file ${file}`, {
      remedy: "name a target and a limit, such as --max-macs 300M, or write the file",
    });
  }
  return readBudgets(file);
}

/** The limits of an entry: of the whole, and of scopes. */
function limitsOf({ max = {}, scopes = {} }: Pick<BudgetEntry, "max" | "scopes">) {
  return [max, ...Object.values(scopes)];
}

/** @throws OpcounterError where an entry would pass whatever its target costs. */
function checkNotEmpty(entry: BudgetEntry, options: CheckOptions): void {
  const { baseline, maxIncrease, strict = options.strict } = entry;
  const isLimited = limitsOf(entry).some((limits) => Object.keys(limits).length > 0);
  if (isLimited || baseline !== undefined || maxIncrease !== undefined || strict) return;
  throw new OpcounterError("budget-invalid", "There is nothing to check", {
    remedy: "give a limit, such as --max-macs 300M, a --baseline with --max-increase, or --strict",
  });
}

/** @throws OpcounterError where a limit cannot be read. */
function checkLimits(entry: BudgetEntry, plugins: MergedPlugins): void {
  const own = plugins.costs.map(({ name, unit }) => ({ name, title: name, unit, of: () => null }));
  const quantities = [...REPORT_QUANTITIES, ...own];
  for (const limits of limitsOf(entry)) readLimits(limits, quantities);
  if (entry.maxIncrease !== undefined) readIncrease(entry.maxIncrease);
}

async function budgetOf({ max, scopes, baseline, maxIncrease }: BudgetEntry): Promise<Budget> {
  return {
    ...(max === undefined ? {} : { max }),
    ...(scopes === undefined ? {} : { scopes }),
    ...(baseline === undefined ? {} : { baseline: await readReport(baseline) }),
    ...(maxIncrease === undefined ? {} : { maxIncrease }),
  };
}

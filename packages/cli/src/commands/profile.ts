import {
  type CostReport,
  type CountOptions,
  count,
  findConvention,
  NATIVE,
  rooflineOf,
} from "@opcounter/counters";
import { counted, type Graph, OpcounterError, repeatedName } from "@opcounter/ir";
import type { TimingOptions } from "@opcounter/tracer";
import { type Command, InvalidArgumentError, Option } from "commander";
import { callingLines } from "../calling-lines.ts";
import { type CountedGraph, countRecorded } from "../count-recorded.ts";
import { reportOfTarget } from "../count-target.ts";
import { specOf } from "../device-spec.ts";
import { executedWith } from "../executed/with-kept.ts";
import { countByOthers } from "../other-conventions.ts";
import type { MergedPlugins } from "../plugin.ts";
import { withProgress } from "../progress.ts";
import { checkSort, type Units } from "../render/figures.ts";
import { formatOf, OUTPUT_FORMATS, type OutputFormatName } from "../render/formats.ts";
import { GROUPINGS, type Grouping } from "../render/rows.ts";
import type { CallingLine } from "../render/rows-by-line.ts";
import { styleFor } from "../render/style.ts";
import type { Runner } from "../runner.ts";
import { checkOpen, symbolicCosts } from "../symbolic.ts";
import { inputsOf, loadTarget, refuseSavedGraph, traceTarget } from "../target/load-target.ts";
import { withRunner } from "./device-option.ts";
import { addPageOptions, type PageOptions, passesOfPage } from "./page-option.ts";
import {
  noFormulas,
  refuseBesideSymbolic,
  refuseForSeveral,
  refuseIgnored,
} from "./profile-conflicts.ts";
import {
  countingOptions,
  integerFrom,
  runOptionsOf,
  type TargetOptions,
  targetCommand,
  USUAL_TIMING,
  writeResult,
} from "./program.ts";
import { pluginsOf } from "./shared.ts";

interface ProfileCommandOptions extends TargetOptions, PageOptions {
  readonly convention?: string;
  readonly passes?: string;
  readonly format: OutputFormatName;
  readonly by: Grouping;
  readonly depth: number;
  readonly top?: number;
  readonly sort?: string;
  readonly columns?: readonly string[];
  readonly units: Units;
  readonly ignore: readonly string[];
  readonly strict?: boolean;
  readonly training?: boolean;
  readonly sparsity?: boolean;
  readonly symbolic?: string;
  readonly accumulate: "exact" | "float32";
  readonly verbose?: boolean;
  readonly dispatches?: boolean;
  readonly executed?: boolean;
  readonly time?: boolean;
  readonly runs?: number;
  readonly warmup?: number;
  readonly roofline?: boolean;
  readonly deviceSpec?: string;
  readonly plugin: readonly string[];
}

/** Where rows are not by line. */
const NO_LINES: ReadonlyMap<number, CallingLine> = new Map();

/** Adds `opcounter profile`. */
export function addProfileCommand(program: Command): void {
  const command = targetCommand(
    program,
    "profile",
    "Run a model once and count what it costs",
    "[targets...]",
  );
  addPageOptions(countingOptions(command))
    .option("-p, --passes <pipeline>", "passes to run before counting, such as canonicalize,fuse")
    .addOption(
      new Option("-f, --format <format>", "what to print")
        .choices(Object.keys(OUTPUT_FORMATS))
        .default("table"),
    )
    .addOption(
      new Option("--by <grouping>", "what the table's rows are")
        .choices(GROUPINGS)
        .default("scope"),
    )
    .option("--depth <n>", "how deep the table shows scopes", integerFrom(1), 2)
    .option("--top <n>", "only the n rows that cost the most", integerFrom(1))
    .option(
      "--sort <figure>",
      "sort rows by macs, params, flops, bytes, memory, dispatches, time or a plugin's cost",
    )
    .option("--columns <names>", "the table's columns (comma-separated)", columnsFrom)
    .addOption(
      new Option("--units <how>", "how the table writes numbers: 2.834 G, or 2,834,161,664")
        .choices(["short", "full"])
        .default("short"),
    )
    .addOption(
      new Option("--accumulate <type>", "the number type that totals are added up in")
        .choices(["exact", "float32"])
        .default("exact"),
    )
    .option(
      "--symbolic <dimensions>",
      "instead of the table: costs as polynomials in batch, height, width or sequence (comma-separated)",
    )
    .option("--sparsity", "count the zeros in the weights, and the MACs without them")
    .option(
      "--training",
      "count one training step, with forward, backward and update as separate scopes",
    )
    .option("--dispatches", "list every GPU dispatch with its workgroups")
    .option(
      "--executed",
      "count in the shaders what they really execute: operations, bytes, padding, no GPU needed",
    )
    .option(
      "--time",
      "run the target several times and say where the time goes, on the host and on the GPU",
    )
    .option("--runs <n>", `number of timed runs (default: ${USUAL_TIMING.runs})`, integerFrom(1))
    .option(
      "--warmup <n>",
      `number of runs before the timed ones (default: ${USUAL_TIMING.warmup})`,
      integerFrom(0),
    )
    .option(
      "--roofline",
      "compare each op, counted by native, with the peak performance of the device; see calibrate",
    )
    .option(
      "--device-spec <device>",
      "the same, for a device of `opcounter devices` or of a JSON file; needs no GPU",
    )
    .option("--strict", "exit with status 1 if there is no formula for an op's kernel")
    .option("--verbose", "with --by op: show each op's formula with its numbers")
    .hook("preAction", refuseBesideSymbolic)
    .hook("preAction", refuseIgnored)
    .hook("preAction", refuseForSeveral)
    .action(async (targets: readonly string[], options: ProfileCommandOptions) => {
      writeResult(await profileAll(targets, options), options.output);
    });
}

function profileAll(targets: readonly string[], options: ProfileCommandOptions): Promise<string> {
  const [target, ...others] = targets;
  if (target === undefined) return profilePage(options);
  return others.length === 0 ? profileCommand(target, options) : profileSeveral(targets, options);
}

/** The pass that is chosen of a page, or the only one; otherwise one row for each kind. */
async function profilePage(options: ProfileCommandOptions): Promise<string> {
  const passes = await passesOfPage(options);
  const counter = await counterOf(options);
  const [pass, ...others] = passes;
  if (pass !== undefined && others.length === 0) return present(pass.graph, options, counter);
  const reports = passes.map(({ graph }) => counter.count(graph).report);
  return modelsIn(options.format)(reports, styleFor(options.output));
}

/** How a format shows several models. */
function modelsIn(format: OutputFormatName) {
  const { models } = formatOf(format);
  if (models !== undefined) return models;
  throw new OpcounterError(
    "options-conflict",
    `--format ${format} is of one model, and there are several`,
    { remedy: "name one target, or one pass of a page by --pass, or choose another format" },
  );
}

/** One row for each target. */
async function profileSeveral(
  targets: readonly string[],
  options: ProfileCommandOptions,
): Promise<string> {
  const models = modelsIn(options.format);
  const { convention = NATIVE, passes, ignore, input, strict = false, training = false } = options;
  const plugins = await pluginsOf(options.plugin);
  const run = { ...runOptionsOf(options), training };
  return withRunner(options, async (runner) => {
    const counting = { runner, input, run, plugins, convention, passes, ignore, strict };
    const reports: CostReport[] = [];
    for (const target of targets) {
      const report = await reportOfTarget(target, counting);
      if (report.convention !== convention) {
        throw new OpcounterError(
          "reports-incomparable",
          `${target} is a report by ${report.convention}, in a table by ${convention}`,
          { remedy: "count all by the same convention" },
        );
      }
      reports.push(report);
    }
    return models(reports, styleFor(options.output));
  });
}

async function profileCommand(specifier: string, options: ProfileCommandOptions): Promise<string> {
  if (options.by === "line") refuseSavedGraph(specifier, "--by line");
  const timing = timingOf(options);
  // Without a specification, the roofline is that of this machine's GPU.
  const asksForRates = (options.roofline ?? false) && options.deviceSpec === undefined;
  const forTime = timing.time !== undefined || asksForRates;
  const profileWith = async (runner: Runner) => {
    const counter = await counterOf(options);
    if (options.symbolic !== undefined) {
      checkDimensions(options.symbolic);
      return symbolic(specifier, options.symbolic, options, { runner, countTraced: counter.count });
    }
    const runs = timing.time === undefined ? "" : `, then ${timed(timing.time)}`;
    const recorded = await withProgress(`Running ${specifier} ${runner.where}${runs}`, () =>
      traceTarget(specifier, options.input, {
        runner,
        ...runOptionsOf(options),
        training: options.training ?? false,
        sparsity: options.sparsity ?? false,
        lines: options.by === "line",
        ...timing,
      }),
    );
    return present(recorded, options, counter, runner);
  };
  return withRunner(options, profileWith, forTime);
}

/** How a graph is counted. */
interface Counter {
  readonly plugins: MergedPlugins;
  readonly rules: CountOptions;
  count(recorded: Graph): CountedGraph;
}

/** Loads the plugins, and checks what the options ask for before anything runs. */
async function counterOf(options: ProfileCommandOptions): Promise<Counter> {
  const plugins = await pluginsOf(options.plugin);
  const convention = findConvention(options.convention ?? NATIVE, plugins.conventions);
  checkSort(
    options.sort,
    plugins.costs.map(({ name }) => name),
  );
  const { passes } = options;
  const rules: CountOptions = {
    convention,
    counters: plugins.counters,
    costs: plugins.costs,
    ignore: options.ignore,
    strict: options.strict ?? false,
    accumulate: options.accumulate,
    ...(passes === undefined ? {} : { passes }),
  };
  return { plugins, rules, count: (recorded) => countRecorded(recorded, plugins, rules) };
}

/**
 * Counts what was recorded, and prints it.
 *
 * @param runner what recorded it, whose device the roofline is of where no other is named.
 */
async function present(
  recorded: Graph,
  options: ProfileCommandOptions,
  { plugins, rules, count: countTraced }: Counter,
  runner?: Runner,
): Promise<string> {
  const { graph, report: found } = countTraced(recorded);
  const hasRoofline = options.roofline || options.deviceSpec !== undefined;
  const isNative = found.convention === NATIVE;
  const roofline = hasRoofline
    ? rooflineOf(
        isNative ? found : count(graph, { ...rules, convention: NATIVE }),
        await specOf(runner, options.deviceSpec),
      )
    : undefined;
  const warnings = [
    ...found.warnings,
    ...(options.sparsity && found.sparsity === null ? [NO_ZEROS] : []),
    ...(hasRoofline && !isNative ? [rooflineNote(found.convention)] : []),
  ];
  const report = { ...found, warnings };
  const { by, depth, top, sort, columns, units, verbose = false } = options;
  const lines = by === "line" ? callingLines(graph) : NO_LINES;
  return formatOf(options.format).report(
    {
      ...{ report, graph, recorded },
      countByOthers: () =>
        countByOthers(graph, report.convention, plugins.conventions, { ...rules, recorded }),
      roofline,
      executed: options.executed ? await executedWith(recorded) : undefined,
      rows: { by, depth, top, sort, columns, units, lines, verbose },
      listsDispatches: options.dispatches ?? false,
    },
    styleFor(options.output),
  );
}

/** Reads --columns. */
function columnsFrom(text: string): readonly string[] {
  const names = text.split(",").map((name) => name.trim());
  const twice = repeatedName(names);
  if (twice !== undefined) throw new InvalidArgumentError(`It names ${twice} twice.`);
  return names;
}

/** How to time the target; empty where no option asks for it. */
function timingOf({ time, runs, warmup }: ProfileCommandOptions): {
  time?: Required<TimingOptions>;
} {
  if (!time && runs === undefined && warmup === undefined) return {};
  return { time: { runs: runs ?? USUAL_TIMING.runs, warmup: warmup ?? USUAL_TIMING.warmup } };
}

function timed({ runs, warmup }: Required<TimingOptions>): string {
  const first = warmup === 0 ? "" : `${counted(warmup, "time")} to warm up and `;
  return `${first}${counted(runs, "time")} to time it`;
}

/** @throws OpcounterError where a dimension is named twice. */
function checkDimensions(dimensions: string): void {
  const twice = repeatedName(dimensions.split(","));
  if (twice === undefined) return;
  throw new OpcounterError("dimension-invalid", `--symbolic names ${twice} twice`, {
    remedy: "name each dimension once",
  });
}

/** The warning where --sparsity is given and no zeros could be counted. */
const NO_ZEROS =
  "No zeros were counted: the target has no parameters, or none whose values are known.";

/** The warning where the table and the roofline have different FLOPs. */
function rooflineNote(convention: string): string {
  return `The roofline is by the convention ${NATIVE}, which counts the operations that run; ${convention} counts others.`;
}

interface SymbolicContext {
  readonly runner: Runner;
  readonly countTraced: (recorded: Graph) => CountedGraph;
}

async function symbolic(
  specifier: string,
  dimensions: string,
  options: ProfileCommandOptions,
  { runner, countTraced }: SymbolicContext,
): Promise<string> {
  const { reading, sizes, ...run } = runOptionsOf(options);
  const loaded = await loadTarget(specifier, runner, reading);
  const names = dimensions.split(",");
  checkOpen(names, loaded.specs);
  const inputs = await inputsOf(loaded, options.input, sizes);
  const report = await withProgress(`Running ${specifier} at several sizes`, () =>
    symbolicCosts(names, inputs, async (sized) => {
      const { training = false } = options;
      return countTraced(await loaded.trace(sized, { ...run, training }));
    }),
  );
  const format = formatOf(options.format);
  if (format.symbolic === undefined) throw noFormulas(options.format);
  return format.symbolic(report, styleFor(options.output));
}

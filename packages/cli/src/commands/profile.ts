import { type CostReport, NATIVE } from "@opcounter/counters";
import { counted, type Graph, OpcounterError, repeatedName } from "@opcounter/ir";
import type { TimingOptions } from "@opcounter/tracer";
import { type Command, Option } from "commander";
import type { CountedGraph } from "../count-recorded.ts";
import { errorOfOne, reportOfTarget } from "../count-target.ts";
import { withProgress } from "../progress.ts";
import { formatOf, type OutputFormatName } from "../render/formats.ts";
import { styleFor } from "../render/style.ts";
import type { Runner } from "../runner.ts";
import { checkOpen, symbolicCosts } from "../symbolic.ts";
import {
  inputsOf,
  loadTarget,
  refuseSavedGraph,
  traceTarget,
  tracing,
} from "../target/load-target.ts";
import { withRunner } from "./device-option.ts";
import { addPageOptions, type PageOptions, passesOfPage } from "./page-option.ts";
import { counterOf, present } from "./present.ts";
import { addPrintOptions, type PrintingOptions } from "./print-options.ts";
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

interface ProfileCommandOptions extends TargetOptions, PageOptions, PrintingOptions {
  readonly passes?: string;
  readonly training?: boolean;
  readonly symbolic?: string;
  readonly sparsity?: boolean;
  readonly accumulate: "exact" | "float32";
  readonly roofline?: boolean;
  readonly time?: boolean;
  readonly runs?: number;
  readonly warmup?: number;
  readonly plugin: readonly string[];
}

/** Adds `opcounter profile`. */
export function addProfileCommand(program: Command): void {
  const command = targetCommand(
    program,
    "profile",
    "Run a model once and count what it costs",
    "[targets...]",
  );
  addPrintOptions(addPageOptions(countingOptions(command)), "scope")
    .option("-p, --passes <pipeline>", "passes to run before counting, such as canonicalize,fuse")
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
  const graphs = await Promise.all(passes.map(({ graph }) => counter.count(graph)));
  const reports = graphs.map(({ report }) => report);
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
      const report = await reportOfTarget(target, counting).catch((error: unknown) => {
        throw errorOfOne(target, error);
      });
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
    const recorded = await withProgress(`${tracing(specifier, runner)}${runs}`, () =>
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

interface SymbolicContext {
  readonly runner: Runner;
  readonly countTraced: (recorded: Graph) => Promise<CountedGraph>;
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

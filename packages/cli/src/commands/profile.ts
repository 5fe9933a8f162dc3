import { CONVENTION_NAMES, type Convention, count, reportToJson } from "@opcounter/counters";
import { recordingOf, runPasses } from "@opcounter/ir";
import { type Device, openDevice, withBackend } from "@opcounter/tracer";
import { type Command, Option } from "commander";
import { passRegistry } from "../passes.ts";
import type { MergedPlugins } from "../plugin.ts";
import { withProgress } from "../progress.ts";
import { type Grouping, renderTable } from "../render/table.ts";
import { renderSymbolic, symbolicCosts } from "../symbolic.ts";
import { inputsOf, loadTarget, traceLoaded, traceTarget } from "../target/load-target.ts";
import { collect, type TargetOptions, targetCommand, wholeNumber, writeResult } from "./program.ts";
import { chooseConvention, pluginsOf } from "./shared.ts";

interface ProfileCommandOptions extends TargetOptions {
  readonly convention: string;
  readonly passes?: string;
  readonly format: "table" | "json";
  readonly by: Grouping;
  readonly depth: number;
  readonly top?: number;
  readonly ignore: readonly string[];
  readonly strict?: boolean;
  readonly training?: boolean;
  readonly sparsity?: boolean;
  readonly symbolic?: string;
  readonly accumulate: "exact" | "float32";
  readonly verbose?: boolean;
  readonly plugin: readonly string[];
}

const DEFAULT_WIDTH = 100;

/** Adds `opcounter profile`. */
export function addProfileCommand(program: Command): void {
  targetCommand(program, "profile", "Run a model once and count what it costs")
    .option(
      "-c, --convention <name>",
      `whose rules to count by: ${CONVENTION_NAMES.join(", ")}`,
      "native",
    )
    .option("-p, --passes <pipeline>", "passes to run before counting, such as canonicalize,fuse")
    .addOption(
      new Option("-f, --format <format>", "what to print")
        .choices(["table", "json"])
        .default("table"),
    )
    .addOption(
      new Option("--by <grouping>", "what the table's rows are")
        .choices(["scope", "kernel", "op"])
        .default("scope"),
    )
    .option("--depth <n>", "how deep the table shows scopes", wholeNumber(1), 2)
    .option("--top <n>", "only the n dearest rows", wholeNumber(1))
    .option(
      "--ignore <scope pattern>",
      "leave out ops in such scopes, such as head/**; repeatable",
      collect,
      [],
    )
    .addOption(
      new Option("--accumulate <type>", "how totals are summed up")
        .choices(["exact", "float32"])
        .default("exact"),
    )
    .option(
      "--symbolic <dimensions>",
      "costs as polynomials in batch, height, width or sequence, separated by commas",
    )
    .option("--sparsity", "count the zeros in the weights, and the MACs that are left without them")
    .option("--training", "count one training step: forward, backward and update apart")
    .option("--strict", "fail if an op's kernel is one that nothing knows how to count")
    .option("--verbose", "with --by op: show each op's formula with its numbers")
    .option(
      "--plugin <file>",
      "a .ts or .js module with rules of your own; repeatable",
      collect,
      [],
    )
    .action(async (target: string, options: ProfileCommandOptions) => {
      writeResult(await profileCommand(target, options), options.output);
    });
}

async function profileCommand(specifier: string, options: ProfileCommandOptions): Promise<string> {
  const device = await openDevice(options.device);
  return withBackend(device, async () => {
    const plugins = await pluginsOf(options.plugin);
    const convention = chooseConvention(options.convention, plugins.conventions);
    if (options.symbolic !== undefined) {
      return symbolic(specifier, options.symbolic, options, { device, convention, plugins });
    }
    const recorded = await withProgress(`Running ${specifier} on the ${device.name} device`, () =>
      traceTarget(specifier, options.input, {
        device,
        training: options.training ?? false,
        sparsity: options.sparsity ?? false,
      }),
    );
    const graph =
      options.passes === undefined
        ? recorded
        : runPasses(recorded, options.passes, { registry: passRegistry(plugins.passes) });
    const report = count(graph, {
      convention,
      counters: plugins.counters,
      ignore: options.ignore,
      strict: options.strict ?? false,
      accumulate: options.accumulate,
      recording: recordingOf(recorded),
    });
    if (options.format === "json") return reportToJson(report);
    const toTerminal = options.output === undefined && process.stdout.isTTY === true;
    return renderTable(report, {
      by: options.by,
      depth: options.depth,
      top: options.top,
      verbose: options.verbose ?? false,
      width: toTerminal ? process.stdout.columns : DEFAULT_WIDTH,
      color: toTerminal && process.env["NO_COLOR"] === undefined,
    });
  });
}

interface SymbolicContext {
  readonly device: Device;
  readonly convention: string | Convention;
  readonly plugins: MergedPlugins;
}

async function symbolic(
  specifier: string,
  dimensions: string,
  options: ProfileCommandOptions,
  { device, convention, plugins }: SymbolicContext,
): Promise<string> {
  const loaded = await loadTarget(specifier);
  const inputs = await inputsOf(loaded, options.input);
  const report = await withProgress(`Running ${specifier} at several sizes`, () =>
    symbolicCosts(
      dimensions.split(","),
      inputs,
      (sized) => traceLoaded(loaded, sized, { device, training: options.training ?? false }),
      { convention, counters: plugins.counters, ignore: options.ignore },
    ),
  );
  return options.format === "json" ? JSON.stringify(report, null, 2) : renderSymbolic(report);
}

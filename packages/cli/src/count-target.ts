import { type CostReport, findConvention } from "@opcounter/counters";
import { type Graph, OpcounterError } from "@opcounter/ir";
import { type CountingRules, countRecorded } from "./count-recorded.ts";
import type { MergedPlugins } from "./plugin.ts";
import { withProgress } from "./progress.ts";
import { naming } from "./read-file.ts";
import type { Runner } from "./runner.ts";
import type { InputOption } from "./target/input-option.ts";
import { type RunOptions, traceTarget, tracing } from "./target/load-target.ts";
import { locate } from "./target/locate.ts";
import { readReport } from "./target/read-report.ts";

/** How targets are run, and by whose rules they are counted. */
export interface Counting {
  readonly runner: Runner;
  readonly input: readonly InputOption[];
  readonly run: Omit<RunOptions, "runner">;
  readonly plugins: MergedPlugins;
  readonly convention: string;
  readonly passes?: string | undefined;
  readonly ignore?: readonly string[];
  readonly strict?: boolean;
}

/** Runs a target once, with a line on stderr where that takes long. */
export function runTarget(specifier: string, { runner, input, run }: Counting): Promise<Graph> {
  return withProgress(tracing(specifier, runner), () =>
    traceTarget(specifier, input, { runner, ...run }),
  );
}

/** By what rules a graph is counted. */
export function rulesOf({ plugins, convention, passes, ignore = [], strict = false }: Counting) {
  return {
    convention: findConvention(convention, plugins.conventions),
    ignore,
    strict,
    ...(passes === undefined ? {} : { passes }),
  } satisfies CountingRules;
}

/** An error of one target of several, which names the target. */
export function errorOfOne(specifier: string, error: unknown): unknown {
  const isNamed = error instanceof OpcounterError && error.sentence.includes(specifier);
  return isNamed ? error : naming(specifier, error);
}

/** The report of a target: read where it is one that was saved, otherwise counted. */
export async function reportOfTarget(specifier: string, counting: Counting): Promise<CostReport> {
  const location = locate(specifier);
  if (location.kind !== "report") {
    const recorded = await runTarget(specifier, counting);
    return (await countRecorded(recorded, counting.plugins, rulesOf(counting))).report;
  }
  if (counting.passes === undefined) return readReport(location.path);
  throw new OpcounterError(
    "options-conflict",
    `${specifier} is a report, which has no graph to run passes on`,
    { remedy: "name the model that it is about, or leave --passes out" },
  );
}

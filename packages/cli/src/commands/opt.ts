import { type Graph, OpcounterError, print, runPasses, VerifyError } from "@opcounter/ir";
import type { Command } from "commander";
import { passRegistry } from "../passes.ts";
import { findingsOf } from "../render/findings.ts";
import { renderTiming, type Step } from "../render/timing.ts";
import { visible } from "../render/visible.ts";
import { traceTarget } from "../target/load-target.ts";
import { withRunner } from "./device-option.ts";
import {
  collect,
  runOptionsOf,
  type TargetOptions,
  targetCommand,
  writeNote,
  writeResult,
} from "./program.ts";
import { pluginsOf, writerFor } from "./shared.ts";

interface OptOptions extends TargetOptions {
  readonly passes: string;
  readonly printAfterAll?: boolean;
  readonly printAfter: readonly string[];
  readonly timing?: boolean;
  readonly verify?: boolean;
  readonly plugin: readonly string[];
}

/** Adds `opcounter opt`. */
export function addOptCommand(program: Command): void {
  targetCommand(program, "opt", "Run passes over a graph and write the resulting graph")
    .requiredOption(
      "-p, --passes <pipeline>",
      `the passes, such as canonicalize,fuse; there are ${passRegistry().names.join(", ")}`,
    )
    .option("--print-after-all", "print the graph to stderr after every pass")
    .option(
      "--print-after <pass>",
      "print the graph to stderr after this pass; repeatable",
      collect,
      [],
    )
    .option("--timing", "print to stderr the time of each pass and the ops that are left")
    .option("--verify", "check the graph before the first pass and after each")
    .option(
      "--plugin <file>",
      "a .ts or .js module with passes and rules of your own; repeatable",
      collect,
      [],
    )
    .action(async (target: string, options: OptOptions) => {
      const write = writerFor(options.output);
      // Before the target is loaded, whose layers and ops they may register.
      const plugins = await pluginsOf(options.plugin);
      const graph = await withRunner(options, (runner) =>
        traceTarget(target, options.input, { runner, ...runOptionsOf(options) }),
      );
      const optimized = checked(options.verify ?? false, () =>
        optimize(graph, options, passRegistry(plugins)),
      );
      writeResult(write(optimized), options.output);
    });
}

/** Runs a step. If --verify is given, a graph that is not valid is a failed check. */
function checked<T>(isAsked: boolean, step: () => T): T {
  try {
    return step();
  } catch (error) {
    if (!isAsked || !(error instanceof VerifyError)) throw error;
    throw new OpcounterError("verify-failed", error.message, { cause: error });
  }
}

function optimize(
  graph: Graph,
  options: OptOptions,
  registry: ReturnType<typeof passRegistry>,
): Graph {
  for (const name of options.printAfter) registry.get(name);
  const steps: Step[] = [];
  const result = runPasses(graph, options.passes, {
    registry,
    verify: options.verify ?? false,
    onAfterPass: (name, graph, milliseconds) => {
      steps.push({ name, graph, milliseconds });
      const findings = findingsOf(name, graph);
      if (findings !== undefined) writeNote(findings);
      if (!options.printAfterAll && !options.printAfter.includes(name)) return;
      writeNote(`# after ${visible(name)}\n${print(graph)}`);
    },
  });
  if (options.timing) writeNote(renderTiming(graph, steps));
  return result;
}

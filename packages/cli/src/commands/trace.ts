import { openDevice, withBackend } from "@opcounter/tracer";
import type { Command } from "commander";
import { withProgress } from "../progress.ts";
import { traceTarget } from "../target/load-target.ts";
import { type TargetOptions, targetCommand, writeResult } from "./program.ts";
import { writerFor } from "./shared.ts";

/** Adds `opcounter trace`. */
export function addTraceCommand(program: Command): void {
  targetCommand(
    program,
    "trace",
    "Run a model once and write the graph of what it executed",
  ).action(async (target: string, options: TargetOptions) => {
    const write = writerFor(options.output);
    const device = await openDevice(options.device);
    const graph = await withBackend(device, () =>
      withProgress(`Running ${target} on the ${device.name} device`, () =>
        traceTarget(target, options.input, { device }),
      ),
    );
    writeResult(write(graph), options.output);
  });
}

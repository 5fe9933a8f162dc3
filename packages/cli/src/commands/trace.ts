import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { OpcounterError, reasonOf, recordingOf } from "@opcounter/ir";
import type { Command } from "commander";
import { withProgress } from "../progress.ts";
import { replaceFile } from "../replace-file.ts";
import { traceTarget, tracing } from "../target/load-target.ts";
import { withRunner } from "./device-option.ts";
import { addPageOptions, onlyPassOfPage, type PageOptions } from "./page-option.ts";
import { runOptionsOf, type TargetOptions, targetCommand, writeResult } from "./program.ts";
import { writerFor } from "./shared.ts";

interface TraceCommandOptions extends TargetOptions, PageOptions {
  readonly shaders?: string;
}

/** Adds `opcounter trace`. */
export function addTraceCommand(program: Command): void {
  const description = "Run a model once and write the graph of what it executed";
  addPageOptions(targetCommand(program, "trace", description, "[target]"))
    .option("--shaders <folder>", "write each WGSL source that ran to <hash>.wgsl in this folder")
    .action(async (target: string | undefined, options: TraceCommandOptions) => {
      const write = writerFor(options.output);
      const graph = await (target === undefined
        ? onlyPassOfPage(options)
        : withRunner(options, (runner) =>
            withProgress(tracing(target, runner), () =>
              traceTarget(target, options.input, { runner, ...runOptionsOf(options) }),
            ),
          ));
      if (options.shaders !== undefined) {
        writeShaders(options.shaders, recordingOf(graph)?.shaders ?? new Map());
      }
      writeResult(write(graph), options.output);
    });
}

function writeShaders(folder: string, shaders: ReadonlyMap<string, string>): void {
  try {
    mkdirSync(folder, { recursive: true });
    for (const [hash, source] of shaders) replaceFile(join(folder, `${hash}.wgsl`), source);
  } catch (error) {
    throw new OpcounterError(
      "output-unwritable",
      `Shaders cannot be written to ${folder}: ${reasonOf(error)}.`,
    );
  }
}

import { RECORD_DEVICES } from "@opcounter/recorder";
import { parseLimits } from "@opcounter/tracer";
import type { Command } from "commander";
import { addDeviceOptions } from "./device-option.ts";
import { refuseOwnInput } from "./own-input.ts";
import { parseAddress, SECONDS } from "./page-option.ts";
import { counterOf, present } from "./present.ts";
import { addPrintOptions, type PrintingOptions } from "./print-options.ts";
import { refuseIgnored } from "./profile-conflicts.ts";
import { countingOptions, integerFrom, writeResult } from "./program.ts";
import { type RecordingOptions, recorded } from "./recorded.ts";
import { writerFor } from "./shared.ts";

interface RecordCommandOptions extends PrintingOptions, RecordingOptions {
  readonly graph?: string;
  readonly output?: string;
}

/** A program has no layers, and its lines are not recorded. */
const GROUPINGS = ["kernel", "op", "scope", "shader", "submit"] as const;

const HELP = `
The module is a program that uses navigator.gpu, by itself or by any library. It runs as it would by
itself: its top level, then its default export if that is a function. It ends when that is done and
nothing is pending that it asked of WebGPU. With --device browser it runs in a page, or --url names a
page in its place, which is recorded as it runs by itself, with its frames and workers.

Examples
  opcounter record program.ts
  opcounter record program.ts --by op --verbose
  opcounter record program.ts --device software --format json -o report.json
  opcounter record --device browser --url http://localhost:8080/ --seconds 5
  opcounter record program.ts --graph program.json      (opcounter profile program.json reads it)`;

/** Adds `opcounter record`. */
export function addRecordCommand(program: Command): void {
  const command = program
    .command("record")
    .description("Run any WebGPU program and count what it dispatches, moves and computes")
    .argument("[module]", "a .ts or .js module")
    .option(
      "--url <address>",
      "with --device browser, in place of a module: a page, which is recorded as it runs by itself",
      parseAddress,
    )
    .option("--seconds <n>", `how long that page is recorded (default: ${SECONDS})`, integerFrom(1))
    .option(
      "--limits <limits>",
      "limits of the virtual adapter: adapter, default (WebGPU's), or values such as maxBufferSize=256MiB",
      parseLimits,
    )
    .option(
      "--timeout <seconds>",
      "how long a module may take (default: as long as it does), or a browser may be silent (default: 30)",
      integerFrom(1),
    )
    .option("--graph <file>", "write the graph, too: .ir (the text form) or .json")
    .option("-o, --output <file>", "write the result to a file")
    .option("--force", "write it even over a file that is read");
  addDeviceOptions(command, RECORD_DEVICES, ["virtual", "which needs no GPU"]);
  addPrintOptions(countingOptions(command), "kernel", GROUPINGS)
    .addHelpText("after", HELP)
    .hook("preAction", refuseIgnored)
    .hook("preAction", refuseOwnInput)
    .exitOverride()
    .action(recordCommand);
}

async function recordCommand(
  path: string | undefined,
  options: RecordCommandOptions,
): Promise<void> {
  const write = options.graph === undefined ? undefined : writerFor(options.graph);
  const counter = await counterOf(options);
  const { graph, stopped } = await recorded(path, options);
  if (write !== undefined) writeResult(write(graph), options.graph);
  writeResult(await present(graph, options, counter), options.output);
  // What was recorded until then is there; the status tells that it is not all.
  if (stopped !== undefined) throw stopped;
}

import { OpcounterError, type WebGpuLimits } from "@opcounter/ir";
import { RECORD_DEVICES, type RecordDevice, type Recorded } from "@opcounter/recorder";
import { parseLimits } from "@opcounter/tracer";
import { type Command, Option } from "commander";
import { withProgress } from "../progress.ts";
import { recordProgram } from "../target/record-program.ts";
import { refuseOwnInput } from "./own-input.ts";
import { counterOf, present } from "./present.ts";
import { addPrintOptions, type PrintingOptions } from "./print-options.ts";
import { refuseIgnored } from "./profile-conflicts.ts";
import { countingOptions, integerFrom, writeResult } from "./program.ts";
import { writerFor } from "./shared.ts";

interface RecordCommandOptions extends PrintingOptions {
  readonly device: RecordDevice;
  readonly limits?: WebGpuLimits;
  readonly timeout?: number;
  readonly graph?: string;
  readonly output?: string;
}

const HELP = `
The module is a program that uses navigator.gpu, by itself or by any library. It runs as it would by
itself: its top level, then its default export if that is a function. It ends when that is done and
nothing is pending that it asked of WebGPU.

Examples
  opcounter record program.ts
  opcounter record program.ts --by op --verbose
  opcounter record program.ts --device software --format json -o report.json
  opcounter record program.ts --graph program.json      (opcounter profile program.json reads it)`;

/** Adds `opcounter record`. */
export function addRecordCommand(program: Command): void {
  const command = program
    .command("record")
    .description("Run any WebGPU program and count what it dispatches, moves and computes")
    .argument("<module>", "a .ts or .js module")
    .addOption(
      new Option("-d, --device <name>", "where it runs; virtual needs no GPU")
        .choices(RECORD_DEVICES)
        .default("virtual"),
    )
    .option(
      "--limits <limits>",
      "limits of the virtual adapter: adapter, default (WebGPU's), or values such as maxBufferSize=256MiB",
      parseLimits,
    )
    .option(
      "--timeout <seconds>",
      "how long the program may take (default: as long as it does)",
      integerFrom(1),
    )
    .option("--graph <file>", "write the graph, too: .ir (the text form) or .json")
    .option("-o, --output <file>", "write the result to a file")
    .option("--force", "write it even over a file that is read");
  addPrintOptions(countingOptions(command), "kernel")
    .addHelpText("after", HELP)
    .hook("preAction", refuseIgnored)
    .hook("preAction", refuseOwnInput)
    .exitOverride()
    .action(recordCommand);
}

async function recordCommand(path: string, options: RecordCommandOptions): Promise<void> {
  const write = options.graph === undefined ? undefined : writerFor(options.graph);
  const counter = await counterOf(options);
  const { graph, stopped } = await recorded(path, options);
  if (write !== undefined) writeResult(write(graph), options.graph);
  writeResult(await present(graph, options, counter), options.output);
  // What was recorded until then is there; the status tells that it is not all.
  if (stopped !== undefined) throw stopped;
}

function recorded(path: string, options: RecordCommandOptions): Promise<Recorded> {
  const { device, limits, timeout } = options;
  if (limits !== undefined && device !== "virtual") {
    throw new OpcounterError(
      "options-conflict",
      `Device "${device}" has the limits of its adapter`,
      {
        remedy: 'only { device: "virtual" } takes others',
      },
    );
  }
  return withProgress(`Running ${path} on the ${device} device`, () =>
    recordProgram(path, {
      device,
      ...(limits === undefined ? {} : { limits }),
      ...(timeout === undefined ? {} : { timeout }),
    }),
  );
}

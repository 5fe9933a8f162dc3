import { CONVENTION_NAMES } from "@opcounter/counters";
import { type ErrorCode, OpcounterError, reasonOf, VerifyError } from "@opcounter/ir";
import {
  DEVICE_NAMES,
  type Flags,
  type LoadOptions,
  parseLimits,
  type ValuesOption,
} from "@opcounter/tracer";
import { Command, CommanderError, InvalidArgumentError, Option } from "commander";
import manifest from "../../package.json" with { type: "json" };
import { brief } from "../brief.ts";
import { inFlags } from "../flags.ts";
import { silence } from "../progress.ts";
import { styleFor } from "../render/style.ts";
import { printable, visible } from "../render/visible.ts";
import { replaceFile } from "../replace-file.ts";
import { type InputOption, parseInputOption } from "../target/input-option.ts";
import { isSaved, refuseSavedGraph } from "../target/load-target.ts";
import { type OpenSizes, parseSize } from "../target/open-sizes.ts";
import { addDeviceOptions, type DeviceOptions } from "./device-option.ts";
import { refuseOwnInput } from "./own-input.ts";

/** Exit statuses, the same for every command. A bug of opcounter ends with that of wrong input. */
export const EXIT = { ok: 0, checkFailed: 1, wrongInput: 2 } as const;

/** Options that every command which runs a target takes. */
export interface TargetOptions extends DeviceOptions {
  readonly input: readonly InputOption[];
  readonly size?: readonly number[];
  readonly batch?: number;
  readonly output?: string;
  readonly flag: Flags;
  readonly values: ValuesOption;
  readonly constantsAsParams?: boolean;
  readonly maxBytes?: number;
  readonly allowHost: readonly string[];
  readonly weights: "files" | "none";
}

const TARGET_HELP = `
A target is one of
  densenet121                         a zoo model (\`opcounter zoo\` lists them)
  path/model.json, path/              a TensorFlow.js model on disk, with its weight files
  https://host/path/model.json        one at an address
  npm:@scope/package/path/model.json  one in node_modules
  model.ts, model.js                  a module; its default export is a model, or a function of tf
  graph.json, graph.ir                a graph that \`opcounter trace\` wrote
  report.json                         for compare and check: what --format json wrote`;

const EXAMPLES = `
Examples
  opcounter profile densenet121
  opcounter profile ./my-model --input image=1x256x256x3 --depth 2
  opcounter profile ./my-model --input image=@photo.png:resize
  opcounter profile model.ts --by op --top 20
  opcounter profile densenet121 --convention thop@head --format json -o report.json
  opcounter trace resnet50 -o resnet50.json
  opcounter compare resnet50 resnet101
  opcounter check mobilenet_v2 --max-macs 301M
  opcounter record program.ts                       any WebGPU program, without TensorFlow.js

Exit status: 0 success, 1 a check failed (check, --strict, --verify), 2 wrong usage or input.`;

/** The command that has all others as subcommands. Nothing runs yet. */
export function createProgram(): Command {
  return new Command("opcounter")
    .description(
      "What a TensorFlow.js model costs: parameters, MACs, FLOPs, memory and GPU dispatches, counted op by op from one pass on the WebGPU backend. No GPU is needed.",
    )
    .version(manifest.version)
    .option("--debug", "print the code and the stack trace of an error")
    .option("--quiet", "print nothing but the result and errors: no progress, nothing of modules")
    .hook("preAction", (program) => {
      if (program.opts()["quiet"] === true) silence();
    })
    .configureOutput({ outputError: (text) => writeNote(complaintOf(text)) })
    .showHelpAfterError("(see `opcounter --help`)")
    .showSuggestionAfterError()
    .addHelpText("after", TARGET_HELP)
    .addHelpText("after", EXAMPLES)
    .exitOverride();
}

/** Wrong usage of a command leads to that command's own help, which lists its options. */
export function leadToOwnHelp({ commands }: Command): void {
  for (const command of commands) {
    command.showHelpAfterError(`(see \`opcounter ${command.name()} --help\`)`);
  }
}

/** What commander says of wrong usage, as all other errors are said. */
function complaintOf(text: string): string {
  const sentence = text.trimEnd().replace(/^error: /, "opcounter: ");
  return brief(sentence, process.argv.slice(2));
}

/**
 * Adds a command that takes targets, with the options that all such commands have.
 *
 * @param targets the command's arguments, as commander writes them.
 */
export function targetCommand(
  program: Command,
  name: string,
  description: string,
  targets = "<target>",
): Command {
  const command = program.command(name).description(description);
  for (const target of targets.split(" ")) {
    command.argument(target, "what to run; see `opcounter --help`");
  }
  addDeviceOptions(command, DEVICE_NAMES, ["auto", "virtual; the GPU where time is measured"]);
  return command
    .addOption(
      new Option(
        "-i, --input <name=value>",
        "an input: zeros (image=1x224x224x3:f32), random numbers (ids=1x128:i32:0..30521), or a PNG, JPEG or .npy file (image=@photo.png); repeatable",
      )
        .argParser(collectInputs)
        .default([], "zeros"),
    )
    .option(
      "--size <n>",
      "the size of every dimension that the model leaves open but the batch: 256, or 256x192",
      parseSize,
    )
    .option(
      "--batch <n>",
      "the batch of every input that leaves it open (default: 1)",
      integerFrom(1),
    )
    .option(
      "--limits <limits>",
      "limits of the virtual device: adapter, default (WebGPU's), or values such as maxBufferSize=256MiB",
      parseLimits,
    )
    .option(
      "--flag <NAME=value>",
      "a flag of TensorFlow.js while the target runs, such as WEBGPU_CPU_FORWARD=false; see `opcounter flags`; repeatable",
      collectFlags,
      {},
    )
    .addOption(
      new Option(
        "--values <how>",
        "what happens when the program reads a value that the virtual device does not have",
      )
        .choices(["on-demand", "none"])
        .default("on-demand", "on-demand: the value is computed on the host; none: an error"),
    )
    .addOption(
      new Option("--weights <how>", "whether a model's weight files are read")
        .choices(["files", "none"])
        .default("files", "files: zeros where they are missing; none: zeros"),
    )
    .option(
      "--constants-as-params",
      "count tensors that a program holds without variables or layers as parameters",
    )
    .option(
      "--max-bytes <n>",
      "the most bytes that a file of a model may have (default: 4294967296)",
      integerFrom(1),
    )
    .option(
      "--timeout <seconds>",
      "how long a server or a browser may be silent (default: 30), and running the target may take (default: as long as it does)",
      integerFrom(1),
    )
    .option(
      "--allow-host <host>",
      "a host that a model.json may name weight files at; repeatable",
      collect,
      [],
    )
    .option("-o, --output <file>", "write the result to a file")
    .option("--force", "write it even over a file that is read")
    .addHelpText("after", TARGET_HELP)
    .hook("preAction", (given) => refuseOptionsOfRuns(given, given.args))
    .hook("preAction", refuseOwnInput)
    .exitOverride();
}

/** Options that say how a target is run, by the names of commander's attributes. */
const OF_RUNS: ReadonlySet<string> = new Set(
  "input size batch device browserFlag limits flag values constantsAsParams weights maxBytes timeout allowHost symbolic sparsity training time runs warmup shaders".split(
    " ",
  ),
);

/**
 * @throws OpcounterError where an option needs a run and a target is a saved graph; of two that are
 *   compared, where both are.
 */
export function refuseOptionsOfRuns(command: Command, targets: readonly string[]): void {
  // The roofline of a saved graph is that of the device that --device names.
  const mayNameDevice = command.getOptionValue("roofline") === true;
  const given = command.options.find((option) => {
    const name = option.attributeName();
    if (name === "device" && mayNameDevice) return false;
    return OF_RUNS.has(name) && command.getOptionValueSource(name) === "cli";
  });
  if (given?.long == null) return;
  if (command.name() === "compare" && !targets.every(isSaved)) return;
  for (const target of targets) refuseSavedGraph(target, given.long);
}

/** How many timed runs there are by default, and how many runs before them. */
export const USUAL_TIMING = { runs: 10, warmup: 1 };

/** Adds the options of commands that count: by whose rules. */
export function countingOptions(command: Command): Command {
  return command
    .option(
      "-c, --convention <name>",
      `whose rules to count by (default: native): ${CONVENTION_NAMES.join(", ")}`,
    )
    .option(
      "--ignore <scope pattern>",
      "leave out the ops in these scopes, such as head/**; repeatable",
      collect,
      [],
    )
    .option(
      "--plugin <file>",
      "a .ts or .js module with rules, costs, conventions or passes of your own; repeatable",
      collect,
      [],
    );
}

function collectInputs(text: string, previous: readonly InputOption[]): InputOption[] {
  return [...previous, parseInputOption(text)];
}

/** Reads `NAME=value`. The trace checks the name and the type of the value. */
function collectFlags(text: string, previous: Flags): Flags {
  const [, name = "", value = ""] = /^([^=]+)=(.+)$/.exec(text) ?? [];
  if (name === "") throw new InvalidArgumentError("It must be a name and a value: NAME=value.");
  if (value === "true" || value === "false") return { ...previous, [name]: value === "true" };
  return { ...previous, [name]: Number.isNaN(Number(value)) ? value : Number(value) };
}

/** What a command's options say of how its target is read and run. */
export function runOptionsOf(options: TargetOptions) {
  const { values, constantsAsParams, weights, allowHost, maxBytes, timeout, batch, size } = options;
  const { flag: flags } = options;
  const reading: LoadOptions = {
    weights,
    allowHost,
    ...(maxBytes === undefined ? {} : { maxBytes }),
    ...(timeout === undefined ? {} : { timeout }),
  };
  const parameters = constantsAsParams ? ("constants" as const) : ("variables" as const);
  const sizes: OpenSizes = {
    ...(batch === undefined ? {} : { batch }),
    ...(size === undefined ? {} : { size }),
  };
  const bounds = timeout === undefined ? {} : { timeout };
  return { values, parameters, flags, reading, sizes, ...bounds };
}

/** Reads an option that is an integer of at least `minimum`. */
export function integerFrom(minimum: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!Number.isSafeInteger(value) || value < minimum) {
      throw new InvalidArgumentError(`It must be an integer of at least ${minimum}.`);
    }
    return value;
  };
}

/** Collects the values of an option that may be repeated. */
export function collect(value: string, previous: readonly string[]): string[] {
  return [...previous, value];
}

/** Writes lines to stderr, with nothing in them that a terminal obeys. */
export function writeNote(lines: string): void {
  process.stderr.write(`${printable(lines, false)}\n`);
}

/**
 * Writes a result to the file asked for, whole or not at all, else to stdout. Whatever names a model, a plugin or a
 * device has, nothing in it is obeyed by a terminal but the result's own lines and colours.
 */
export function writeResult(text: string, file: string | undefined): void {
  const harmless = printable(text, styleFor(file).color);
  const withNewline = harmless.endsWith("\n") ? harmless : `${harmless}\n`;
  if (file === undefined) {
    process.stdout.write(withNewline);
    return;
  }
  try {
    replaceFile(file, withNewline);
  } catch (error) {
    throw new OpcounterError("output-unwritable", `${file} cannot be written: ${reasonOf(error)}.`);
  }
}

/** The errors of checks that the user asked for. The input was well formed. */
const FAILED_CHECKS: ReadonlySet<ErrorCode | undefined> = new Set<ErrorCode>([
  "kernel-uncounted",
  "verify-failed",
]);

/**
 * Prints what went wrong, in one sentence where the user can correct it; returns the exit status.
 *
 * @param debug whether to print the error's code and stack trace too.
 */
export function reportError(error: unknown, debug: boolean): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.wrongInput;
  const code = error instanceof OpcounterError ? error.code : undefined;
  const message =
    error instanceof OpcounterError
      ? inFlags(messageOf(error))
      : `internal error: ${visible(reasonOf(error))} (this is a bug; run again with --debug for its stack trace, and report it)`;
  const lines = [`opcounter: ${brief(message, process.argv.slice(2))}`];
  if (debug && code !== undefined) lines.push(`code: ${code}`);
  if (debug) lines.push(...stacksOf(error));
  for (const line of lines) writeNote(withoutModules(line));
  return FAILED_CHECKS.has(code) ? EXIT.checkFailed : EXIT.wrongInput;
}

/** The stack traces of an error and of its cause. */
function stacksOf(error: unknown): string[] {
  if (!(error instanceof Error)) return [];
  return [error, causeOf(error)].flatMap((each) => each?.stack ?? []);
}

function causeOf({ cause }: Error): Error | undefined {
  return cause instanceof Error ? cause : undefined;
}

/** The message, on one line unless it shows a place in a text or lists findings. */
function messageOf(error: OpcounterError): string {
  const hasLines = error.code === "graph-text-malformed" || error.cause instanceof VerifyError;
  return hasLines || error instanceof VerifyError ? error.message : visible(error.message);
}

/** A stack trace without the code of bundled modules. */
function withoutModules(text: string): string {
  return text.replaceAll(/data:text\/javascript;base64,[\w+/=]+/g, "the module");
}

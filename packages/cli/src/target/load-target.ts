import { existsSync } from "node:fs";
import { formatType, type Graph, OpcounterError, verify } from "@opcounter/ir";
import type { LoadOptions } from "@opcounter/tracer";
import { inFile, readText } from "../read-file.ts";
import type { Runner } from "../runner.ts";
import { type InputOption, type InputToMake, resolveInputs } from "./input-option.ts";
import type { LoadedTarget } from "./loaded-target.ts";
import { locate } from "./locate.ts";
import type { OpenSizes } from "./open-sizes.ts";
import type { PassOptions } from "./run-pass.ts";

/** How a target is run. */
export interface RunOptions extends PassOptions {
  readonly runner: Runner;
  /** How reading a model's files is bounded. */
  readonly reading?: LoadOptions;
  /** Sizes given once for all inputs. */
  readonly sizes?: OpenSizes;
}

/**
 * Finds a target, runs it once, and returns the graph of what it executed. A
 * saved graph is read, not run.
 *
 * @param specifier a zoo name, a model.json, a folder holding one, an http(s) address, an npm
 *   specifier (`npm:package/model.json`), a `.ts` or `.js` module, or a saved graph.
 * @throws OpcounterError where there is no such target, or where it cannot be run.
 */
export async function traceTarget(
  specifier: string,
  inputOptions: readonly InputOption[],
  { runner, reading = {}, sizes = {}, ...options }: RunOptions,
): Promise<Graph> {
  const location = locate(specifier);
  if (location.kind === "graph") return readGraph(location.path);
  if (location.kind === "report") throw reportError(specifier);
  if (location.kind === "zoo" && options.sparsity) {
    throw new OpcounterError(
      "options-conflict",
      `The weights of the zoo's ${specifier} are all 0, untrained`,
      { remedy: "count zeros in a model file" },
    );
  }
  const loaded = await runner.load(specifier, location, reading);
  const inputs = await inputsOf(loaded, inputOptions, sizes);
  try {
    return await loaded.trace(inputs, options);
  } catch (error) {
    const threw = error instanceof OpcounterError && error.code === "program-failed";
    const cause = threw ? inputsAtFault(inputs, loaded) : undefined;
    if (!threw || cause === undefined) throw error;
    const sentence = `${error.message.replace(/\.$/, "")}; ${cause.sentence}`;
    const { remedy } = cause;
    throw new OpcounterError("program-failed", sentence, { remedy, cause: error.cause });
  }
}

/** What inputs may have to do with a target that throws, and what to do then. */
function inputsAtFault(inputs: readonly InputToMake[], { specs }: LoadedTarget) {
  const empty = inputs.find(({ shape }) => shape.includes(0));
  if (empty !== undefined) {
    return {
      sentence: `its input ${empty.name} is ${formatType(empty)}, which has no element`,
      remedy: `give it some, as in --input ${empty.name}=${empty.shape.map((size) => size || 1).join("x")}`,
    };
  }
  if (inputs.length > 0 || specs !== undefined) return undefined;
  return {
    sentence: "it was given no inputs",
    remedy:
      'if it takes any, list them in an export such as inputs = ["x=1x8"], or by --input x=1x8',
  };
}

/**
 * Loads a target that will be traced several times.
 *
 * @throws OpcounterError as `traceTarget`, and for a saved graph, which cannot be run again.
 */
export async function loadTarget(
  specifier: string,
  runner: Runner,
  reading: LoadOptions = {},
): Promise<LoadedTarget> {
  const location = locate(specifier);
  if (location.kind === "graph") throw savedGraphError(specifier, "another size");
  if (location.kind === "report") throw reportError(specifier);
  return runner.load(specifier, location, reading);
}

/** Whether a target is a saved graph or a report, which is read and not run. */
export function isSaved(specifier: string): boolean {
  return existsSync(specifier) && ["graph", "report"].includes(locate(specifier).kind);
}

/** What `traceTarget` does, for people: "Running resnet50 on the virtual device". */
export function tracing(specifier: string, { where }: Pick<Runner, "where">): string {
  return isSaved(specifier) ? `Reading ${specifier}` : `Running ${specifier} ${where}`;
}

/**
 * @param asked what needs a run, such as an option.
 * @throws OpcounterError where the target is a saved graph or a report, which is read and not run.
 */
export function refuseSavedGraph(specifier: string, asked: string): void {
  if (!existsSync(specifier)) return;
  const { kind } = locate(specifier);
  if (kind === "graph" || kind === "report") throw savedGraphError(specifier, asked, kind);
}

function savedGraphError(
  specifier: string,
  asked: string,
  kind: "graph" | "report" = "graph",
): OpcounterError {
  return new OpcounterError(
    "target-is-saved-graph",
    `${asked} needs a run, and ${specifier} is a saved ${kind}, which is read, not run`,
    { remedy: "name the model it was traced from" },
  );
}

function reportError(specifier: string): OpcounterError {
  return new OpcounterError(
    "target-unknown",
    `${specifier} is a report, which has been counted and cannot be run`,
    { remedy: "name the model that it is about" },
  );
}

/**
 * The inputs that a target is run on: those of the options, or else those that its module or the
 * zoo gives, or that it declares. Files are read here.
 */
export function inputsOf(
  { names, specs, inputs }: LoadedTarget,
  options: readonly InputOption[],
  sizes: OpenSizes = {},
): Promise<InputToMake[]> {
  return resolveInputs(specs, options, inputs, sizes, names);
}

/** @throws OpcounterError that names the file and the place in it. */
async function readGraph(path: string): Promise<Graph> {
  const text = readText(path);
  const { fromJson, parse } = await import("@opcounter/ir/read");
  const isText = path.endsWith(".ir");
  const graph = isText ? parse(text, path) : inFile(path, () => fromJson(JSON.parse(text)));
  // If the shapes of a graph contradict its ops, its costs would mean nothing.
  inFile(path, () => verify(graph));
  return graph;
}

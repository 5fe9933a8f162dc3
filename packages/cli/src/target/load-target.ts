import { existsSync } from "node:fs";
import { dirname } from "node:path";
import { setImmediate } from "node:timers/promises";
import { formatType, type Graph, OpcounterError, reasonOf, sizeOf, verify } from "@opcounter/ir";
import { fromJson, parse } from "@opcounter/ir/read";
import {
  inputSpecs,
  isModel,
  type LoadOptions,
  loadModel,
  type ModelInputs,
  orAbort,
  type Target,
  type TraceOptions,
  trace,
  traceTraining,
  withTimeout,
} from "@opcounter/tracer";
import { readText } from "../read-file.ts";
import { interruptible } from "../stop.ts";
import type { NamedTensorMap } from "../tfjs.ts";
import * as tf from "../tfjs.ts";
import {
  type InputOption,
  type InputToMake,
  parseInputOption,
  resolveInputs,
} from "./input-option.ts";
import { type Location, locate } from "./locate.ts";
import { loadModule, tfjsForModules } from "./module.ts";
import type { OpenSizes } from "./open-sizes.ts";
import type { RandomSource } from "./random.ts";

/** How a target is run. */
export interface RunOptions extends TraceOptions {
  /** How reading a model's files is bounded. */
  readonly reading?: LoadOptions;
  /** Sizes given once for all inputs. */
  readonly sizes?: OpenSizes;
  /** Whether to record a training step instead of a pass. */
  readonly training?: boolean;
}

/** A target that is loaded and ready to be traced. */
export interface LoadedTarget {
  readonly name: string;
  readonly target: Target;
  /** The inputs that a module or the zoo gives; `--input` overrides them. */
  readonly inputs?: readonly InputOption[];
}

/**
 * Finds a target, runs it once on the active device, and returns the graph of what it executed. A
 * saved graph is read, not run.
 *
 * @param specifier a zoo name, a model.json, a folder holding one, an http(s) address, an npm
 *   specifier (`npm:package/model.json`), a `.ts` or `.js` module, or a saved graph.
 * @throws OpcounterError where there is no such target, or where it cannot be run.
 */
export async function traceTarget(
  specifier: string,
  inputOptions: readonly InputOption[],
  { training = false, reading = {}, sizes = {}, ...options }: RunOptions,
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
  const loaded = await load(specifier, location, reading);
  const inputs = await inputsOf(loaded, inputOptions, sizes);
  try {
    const graph = await traceLoaded(loaded, inputs, { training, ...options });
    // A rejected promise that a module does not await is reported before the result.
    if (location.kind === "module") await setImmediate();
    return graph;
  } catch (error) {
    const threw = error instanceof OpcounterError && error.code === "program-failed";
    if (!threw || inputs.length > 0 || inputSpecs(loaded.target) !== undefined) throw error;
    throw new OpcounterError(
      "program-failed",
      `${error.message.replace(/\.$/, "")}; it was given no inputs`,
      {
        remedy:
          'if it takes any, list them in an export such as inputs = ["x=1x8"], or by --input x=1x8',
        cause: error.cause,
      },
    );
  }
}

/**
 * Loads a target that will be traced several times.
 *
 * @throws OpcounterError as `traceTarget`, and for a saved graph, which cannot be run again.
 */
export async function loadTarget(
  specifier: string,
  reading: LoadOptions = {},
): Promise<LoadedTarget> {
  const location = locate(specifier);
  if (location.kind === "graph") throw savedGraphError(specifier, "another size");
  if (location.kind === "report") throw reportError(specifier);
  return load(specifier, location, reading);
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
  { name, target, inputs = [] }: LoadedTarget,
  options: readonly InputOption[],
  sizes: OpenSizes = {},
): Promise<InputToMake[]> {
  const names = "name" in target ? [name, target.name] : [name];
  return resolveInputs(inputSpecs(target), options, inputs, sizes, names);
}

/** Runs a loaded target once. */
export async function traceLoaded(
  { name, target }: LoadedTarget,
  inputs: readonly InputToMake[],
  { training = false, ...options }: RunOptions,
): Promise<Graph> {
  const tensors = await makeInputs(inputs, inputSpecs(target) === undefined);
  try {
    const inputNames = inputs.map((input) => input.name);
    if (training) {
      return await traceTraining(target, tensors, {
        ...options,
        inputNames,
        name: `${name} training`,
      });
    }
    return await trace(target, tensors, { ...options, inputNames, name });
  } catch (error) {
    if (error instanceof OpcounterError) throw error;
    throw new OpcounterError("program-failed", `${name} threw while it ran: ${reasonOf(error)}`, {
      cause: error,
    });
  } finally {
    tf.dispose(Object.values(tensors));
  }
}

/** @throws OpcounterError that names the file and the place in it. */
function readGraph(path: string): Graph {
  const text = readText(path);
  const isText = path.endsWith(".ir");
  const graph = isText ? parse(text, path) : inFile(path, () => fromJson(JSON.parse(text)));
  // If the shapes of a graph contradict its ops, its costs would mean nothing.
  inFile(path, () => verify(graph));
  return graph;
}

/** @throws OpcounterError as the step does, with the file's path before the sentence. */
function inFile<T>(path: string, step: () => T): T {
  try {
    return step();
  } catch (error) {
    if (!(error instanceof OpcounterError)) throw error;
    const { code, sentence, remedy } = error;
    throw new OpcounterError(code, `${path}: ${sentence}`, { remedy, cause: error });
  }
}

async function load(
  specifier: string,
  location: Location,
  reading: LoadOptions,
): Promise<LoadedTarget> {
  switch (location.kind) {
    case "zoo": {
      const { model } = location;
      return { name: specifier, target: model.build(tf), inputs: model.inputs };
    }
    case "model":
      return { name: nameOfFile(specifier), target: await loadModel(location.location, reading) };
    case "module":
      return loadModuleTarget(location.path, reading);
    case "graph":
    case "report":
      throw new Error(`a saved ${location.kind} is read, not loaded`);
  }
}

/**
 * A module's default export: a model, or a function of `tf` that returns a model or a function of
 * tensors, or that itself computes what is to be traced. Its export `inputs` may list the inputs
 * as `--input` writes them.
 */
async function loadModuleTarget(path: string, reading: LoadOptions): Promise<LoadedTarget> {
  const module = await loadModule(path);
  try {
    return await moduleTarget(path, await module["default"], module["inputs"], reading);
  } catch (error) {
    if (error instanceof OpcounterError) throw error;
    // Promises, proxies and getters may throw wherever they are accessed.
    throw new OpcounterError("module-failed", `What ${path} exports threw: ${reasonOf(error)}`, {
      cause: error,
    });
  }
}

async function moduleTarget(
  path: string,
  exported: unknown,
  listed: unknown,
  { signal: asked, timeout }: LoadOptions,
): Promise<LoadedTarget> {
  const name = nameOfFile(path);
  const inputs = moduleInputs(path, listed);
  if (isModel(exported)) return { name, target: exported, inputs };
  if (typeof exported !== "function") {
    const found = exported === undefined ? "nothing" : typeof exported;
    throw new OpcounterError(
      "module-invalid",
      `${path} must export by default a model, or a function of tf that returns one; it exports ${found}.`,
    );
  }
  const tfjs = await tfjsForModules();
  const program = (): unknown => interruptible(() => exported(tfjs));
  const run = async () => program();
  let made: unknown;
  try {
    made = await withTimeout(asked, timeout, ({ signal }) => orAbort(run(), signal));
  } catch (error) {
    if (error instanceof OpcounterError && error.code === "program-timeout") throw error;
    // A common mistake: a function that takes its inputs here, where it gets only tf.
    const remedy =
      inputs.length === 0 || exported.length > 1
        ? "it is called with tf and no inputs, which go to the function that it returns"
        : undefined;
    throw new OpcounterError(
      "module-failed",
      `The default export of ${path} threw: ${reasonOf(error).replace(/\.$/, "")}`,
      { remedy, cause: error },
    );
  }
  if (isModel(made)) return { name, target: made, inputs };
  if (typeof made === "function") {
    const target = (...tensors: unknown[]): unknown => interruptible(() => made(...tensors));
    return { name, target, inputs };
  }
  // It returned no model, so the function itself is the program. A second run records it.
  return { name, target: program, inputs };
}

function moduleInputs(path: string, inputs: unknown): InputOption[] {
  if (inputs === undefined) return [];
  const isList = Array.isArray(inputs) && inputs.every((input) => typeof input === "string");
  if (!isList) {
    throw new OpcounterError(
      "module-invalid",
      `${path} exports inputs that are not a list of strings like "image=1x224x224x3:f32".`,
    );
  }
  return inputs.map((input) => parseInputOption(input, dirname(path)));
}

/** Makes the inputs as tensors: a list for a function, by name for a model. */
async function makeInputs(inputs: readonly InputToMake[], inOrder: boolean): Promise<ModelInputs> {
  const isRandom = inputs.some(({ range }) => range !== undefined);
  const random = isRandom ? (await import("./random.ts")).randomSource() : undefined;
  const tensors = inputs.map((input) => makeInput(input, random));
  if (inOrder) return tensors;
  return Object.fromEntries(
    inputs.map(({ name }, i) => [name, tensors[i]] as const),
  ) as NamedTensorMap;
}

/** @throws OpcounterError where the tensor is too large. */
function makeInput(input: InputToMake, random: RandomSource | undefined): tf.Tensor {
  const { name, dtype, range } = input;
  const shape = [...input.shape];
  try {
    const values = input.values ?? (range && random?.(name, sizeOf(shape), dtype, range));
    if (values !== undefined) return tf.tensor(values, shape, dtype);
    if (dtype !== "string") return tf.zeros(shape, dtype);
    return tf.tensor(new Array<string>(sizeOf(shape)).fill(""), shape, dtype);
  } catch (error) {
    if (error instanceof OpcounterError) throw error;
    if (!(error instanceof RangeError)) {
      throw new OpcounterError(
        "input-invalid",
        `Input ${name} cannot be made as ${formatType(input)}: ${reasonOf(error)}`,
        { remedy: `give its shape, as in --input ${name}=1x8`, cause: error },
      );
    }
    throw new OpcounterError(
      "input-too-large",
      `Input ${name} is ${formatType(input)}, which is more than memory holds`,
      { remedy: "make it smaller", cause: error },
    );
  }
}

/** The name of a model: the package and path of an npm specifier, or the last part of a path. */
function nameOfFile(specifier: string): string {
  const path = specifier.replace(/[/\\]?model\.json$/, "").replace(/\.[cm]?[jt]s$/, "");
  if (path.startsWith("npm:")) return path.slice("npm:".length).replace(/\/model$/, "");
  return path.split(/[/\\]/).at(-1) || specifier;
}

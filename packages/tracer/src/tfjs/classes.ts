import { OpcounterError } from "@opcounter/ir/core";
import type { Engine } from "./engine.ts";

/**
 * opcounter records the program's own TensorFlow.js. Before a trace it imports no part of it; for a
 * trace only the parts that the program has loaded, and the WebGPU backend. All copies of tfjs in a
 * global scope share one engine with its flags and registries, so the engine tells what is loaded.
 */

/** What of one copy of tfjs is watched while a function is traced. */
export interface TfjsClasses {
  readonly LayersModel?: { readonly prototype: object };
  readonly GraphModel?: { readonly prototype: object };
  /** The functions of `tf.image`, of which non-maximum suppression computes on the host. */
  readonly image?: object;
}

/** Flags that tfjs-layers and tfjs-converter register when they are loaded (3.21 to 4.22). */
const LAYERS_FLAG = "TOPOLOGICAL_SORT_CACHE_MAX_ENTRIES";
const CONVERTER_FLAG = "KEEP_INTERMEDIATE_TENSORS";

/**
 * The classes that the program may use: those of the copy that the user gives, of a script tag's
 * global `tf`, and else of the installed packages.
 *
 * @throws OpcounterError "tfjs-missing" where they are required, loaded, and cannot be imported.
 *   Then calls of layers and graph models would be missing from the graph.
 */
export async function loadedClasses(
  { ENV: { flagRegistry } }: Engine,
  given: TfjsClasses | undefined,
  { required }: { readonly required: boolean },
): Promise<TfjsClasses[]> {
  const add = (classes: TfjsClasses | undefined, name: string) => {
    if (classes !== undefined) known.push(classes);
    else if (required) throw cannotImport(name);
  };
  const known = pageClasses(given);
  if (LAYERS_FLAG in flagRegistry && !known.some(({ LayersModel }) => LayersModel !== undefined)) {
    add(await once(loadLayers), "@tensorflow/tfjs-layers");
  }
  if (CONVERTER_FLAG in flagRegistry && !known.some(({ GraphModel }) => GraphModel !== undefined)) {
    add(await once(loadConverter), "@tensorflow/tfjs-converter");
  }
  // Where it cannot be imported, what its functions compute on the host is not told apart from what
  // the program computes there, and the report says so.
  if (required && !known.some(({ image }) => image !== undefined))
    known.push((await once(loadCore)) ?? {});
  return known;
}

/** The classes of the copy that the user gives, and of a script tag's global `tf`. */
export function pageClasses(given: TfjsClasses | undefined): TfjsClasses[] {
  const global: unknown = Reflect.get(globalThis, "tf");
  return [given, isTfjs(global) ? global : undefined].filter((tf) => tf !== undefined);
}

/** The version of a script tag's global `tf`; undefined where there is none. */
export function pageVersion(): string | undefined {
  const version: unknown = Reflect.get(Object(Reflect.get(globalThis, "tf")), "version_core");
  return typeof version === "string" ? version : undefined;
}

function isTfjs(value: unknown): value is TfjsClasses {
  return typeof value === "object" && value !== null && "engine" in value && "version" in value;
}

function cannotImport(name: string): OpcounterError {
  return new OpcounterError(
    "tfjs-missing",
    `The program has loaded ${name}, which opcounter cannot import, so its calls would not be seen`,
    {
      remedy: "pass the copy that the program uses, as in trace(program, inputs, { tf })",
    },
  );
}

/** What was imported, or cannot be. Node takes as long to import again as for dozens of ops. */
const imported = new Map<Load, ReturnType<Load>>();
type Load = () => Promise<TfjsClasses | undefined>;

/** What `load` gives, which is one of the functions below. */
function once(load: Load): ReturnType<Load> {
  const classes = imported.get(load) ?? load();
  imported.set(load, classes);
  return classes;
}

// The imports stand in a try, so a bundler allows the packages to be missing.

async function loadCore(): Promise<TfjsClasses> {
  try {
    return { image: (await import("@tensorflow/tfjs-core")).image };
  } catch {
    return {};
  }
}

async function loadLayers(): Promise<TfjsClasses | undefined> {
  try {
    return { LayersModel: (await import("@tensorflow/tfjs-layers")).LayersModel };
  } catch {
    return undefined;
  }
}

async function loadConverter(): Promise<TfjsClasses | undefined> {
  try {
    return { GraphModel: (await import("@tensorflow/tfjs-converter")).GraphModel };
  } catch {
    return undefined;
  }
}

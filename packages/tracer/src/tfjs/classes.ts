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
    add(await importLayers(), "@tensorflow/tfjs-layers");
  }
  if (CONVERTER_FLAG in flagRegistry && !known.some(({ GraphModel }) => GraphModel !== undefined)) {
    add(await importConverter(), "@tensorflow/tfjs-converter");
  }
  // Where it cannot be imported, what its functions compute on the host is not told apart from what
  // the program computes there, and the report says so.
  if (required && !known.some(({ image }) => image !== undefined)) known.push(await importCore());
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

/** What was imported. To import it again takes Node as long as dozens of ops, and each trace asks. */
const imported: { core?: TfjsClasses; layers?: TfjsClasses; converter?: TfjsClasses } = {};

// The imports stand in a try, so a bundler allows the packages to be missing.

async function importCore(): Promise<TfjsClasses> {
  try {
    imported.core ??= { image: (await import("@tensorflow/tfjs-core")).image };
    return imported.core;
  } catch {
    return {};
  }
}

async function importLayers(): Promise<TfjsClasses | undefined> {
  try {
    imported.layers ??= { LayersModel: (await import("@tensorflow/tfjs-layers")).LayersModel };
    return imported.layers;
  } catch {
    return undefined;
  }
}

async function importConverter(): Promise<TfjsClasses | undefined> {
  try {
    imported.converter ??= { GraphModel: (await import("@tensorflow/tfjs-converter")).GraphModel };
    return imported.converter;
  } catch {
    return undefined;
  }
}

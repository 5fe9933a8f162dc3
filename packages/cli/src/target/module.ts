import * as counters from "@opcounter/counters";
import * as ir from "@opcounter/ir";
import { OpcounterError, reasonOf } from "@opcounter/ir";
import * as tracer from "@opcounter/tracer";
import * as api from "../index.ts";
import { interruptibleUntilDone } from "../stop.ts";
import * as tf from "../tfjs.ts";
import {
  type BundledModule,
  bundledUrl,
  bundleModule,
  type SharedExports,
} from "./bundle-module.ts";
import { loadedModules } from "./loaded-modules.ts";
import { SHARED_MODULES } from "./shared-modules.ts";
import { rememberMap } from "./source-maps.ts";

type ModuleTfjs = typeof tf & { readonly data: typeof import("@tensorflow/tfjs-data") };

let allOfTfjs: ModuleTfjs | undefined;

/** The TensorFlow.js that modules get: the command line's own, and `tf.data`. */
export async function tfjsForModules(): Promise<ModuleTfjs> {
  allOfTfjs ??= { ...tf, data: await import("@tensorflow/tfjs-data") };
  return allOfTfjs;
}

/** What modules import of the command line. A page has modules of its own of the same exports. */
export async function sharedExports(): Promise<SharedExports> {
  const tfjs = await tfjsForModules();
  return { tfjs, data: tfjs.data, api, ir, counters, tracer };
}

/**
 * Runs a `.ts` or `.js` module and returns its exports.
 *
 * @throws OpcounterError where the module is missing, does not compile, or throws while it loads.
 */
export async function loadModule(path: string): Promise<Readonly<Record<string, unknown>>> {
  const shared = await sharedExports();
  for (const [name, { key }] of Object.entries(SHARED_MODULES)) {
    Reflect.set(globalThis, Symbol.for(key), Reflect.get(shared, name));
  }
  return runModule(path, await bundleModule(path, shared, "node"));
}

/**
 * Runs a `.ts` or `.js` module as a program of its own, which has its own copy of all that it imports.
 *
 * @throws OpcounterError as `loadModule`.
 */
export async function loadProgram(path: string): Promise<Readonly<Record<string, unknown>>> {
  return runModule(path, await bundleModule(path, undefined, "node"));
}

async function runModule(
  path: string,
  { code, map, folder }: BundledModule,
): Promise<Readonly<Record<string, unknown>>> {
  rememberMap(bundledUrl(path), map, folder);
  loadedModules.push(path);
  try {
    // A data URL: no file is written, so none is left, even if the module ends the process.
    const address = `data:text/javascript;base64,${Buffer.from(code).toString("base64")}`;
    return await interruptibleUntilDone(async () => await import(address));
  } catch (error) {
    throw new OpcounterError(
      "module-failed",
      `${path} failed while it was loaded: ${reasonOf(error)}`,
      { remedy: remedyFor(reasonOf(error)), cause: error },
    );
  }
}

function remedyFor(reason: string): string | undefined {
  // Where a module looks for WebGPU itself, it is no model. Node 21 and later have a navigator without gpu.
  if (/^(?:navigator|GPU\w+) is not defined|reading 'requestAdapter'/.test(reason)) {
    return "a WebGPU program is run by opcounter record";
  }
  const [, missing = ""] = /^(\w+) is not defined/.exec(reason) ?? [];
  return OF_PAGES.has(missing) ? 'a page has it: use { device: "browser" }' : undefined;
}

const OF_PAGES = new Set(["document", "window", "requestAnimationFrame"]);

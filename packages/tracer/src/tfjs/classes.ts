import { reasonOf, UserError } from "@opcounter/ir/core";
import { isOwned, type WebGPUBackendClass } from "../devices/backend.ts";
import { ADAPTER_LIMITS } from "../devices/limits.ts";
import { createVirtualAdapter } from "../devices/virtual-device.ts";
import { own } from "../patches/patch.ts";
import { type Engine, engine, engineIfLoaded, kernelRegistry } from "./engine.ts";

/**
 * The program's own TensorFlow.js. opcounter imports no part of it before something is traced, and
 * then only parts that the program has loaded, and the WebGPU backend. All copies of tfjs in a
 * global scope share one engine, with its flags and its registries, so it tells what is loaded.
 */

/** The classes of one copy of tfjs whose calls are to be seen while a function is traced. */
export interface TfjsClasses {
  readonly LayersModel?: { readonly prototype: object };
  readonly GraphModel?: { readonly prototype: object };
}

/** Flags that tfjs-layers and tfjs-converter register when they are loaded (4.10 to 4.22). */
const LAYERS_FLAG = "TOPOLOGICAL_SORT_CACHE_MAX_ENTRIES";
const CONVERTER_FLAG = "KEEP_INTERMEDIATE_TENSORS";

/**
 * The classes that the program may use: of the copy that the user names, of a script tag's global
 * `tf`, else of the installed packages.
 *
 * @throws UserError where they are required and loaded and cannot be imported, since calls of
 *   layers and graph models would be missing from the graph.
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
  const global: unknown = Reflect.get(globalThis, "tf");
  const known = [given, isTfjs(global) ? global : undefined].filter((tf) => tf !== undefined);
  if (LAYERS_FLAG in flagRegistry && !known.some(({ LayersModel }) => LayersModel !== undefined)) {
    add(await importLayers(), "@tensorflow/tfjs-layers");
  }
  if (CONVERTER_FLAG in flagRegistry && !known.some(({ GraphModel }) => GraphModel !== undefined)) {
    add(await importConverter(), "@tensorflow/tfjs-converter");
  }
  return known;
}

function isTfjs(value: unknown): value is TfjsClasses {
  return typeof value === "object" && value !== null && "engine" in value && "version" in value;
}

function cannotImport(name: string): UserError {
  return new UserError(
    `The program has loaded ${name}, which opcounter cannot import, so its calls would not be seen; install ${name} in the project, or hand over the copy that the program uses, as in trace(program, inputs, { tf }).`,
  );
}

// A bundler takes the package of an import in a try for one that may be missing.

async function importLayers(): Promise<TfjsClasses | undefined> {
  try {
    return { LayersModel: (await import("@tensorflow/tfjs-layers")).LayersModel };
  } catch {
    return undefined;
  }
}

async function importConverter(): Promise<TfjsClasses | undefined> {
  try {
    return { GraphModel: (await import("@tensorflow/tfjs-converter")).GraphModel };
  } catch {
    return undefined;
  }
}

/** The class that was found for an engine, whose kernels are registered from then on. */
const found = new WeakMap<Engine, WebGPUBackendClass>();

/**
 * The class of the program's WebGPU backend: of the one that is running, else of the one that is
 * registered, else of the installed package. Only the last imports anything, so no copy's kernels
 * are registered over another's.
 *
 * @throws UserError where there is none.
 */
export async function webgpuBackendClass(): Promise<WebGPUBackendClass> {
  const loaded = engineIfLoaded();
  const running = loaded?.registry["webgpu"];
  if (running !== undefined && !isOwned(running)) return classOf(running);
  const known = loaded && found.get(loaded);
  if (known !== undefined) return known;
  const backendClass = (loaded && (await registeredClass(loaded))) ?? (await importedClass());
  found.set(engine(), backendClass);
  return backendClass;
}

function classOf(backend: object): WebGPUBackendClass {
  // Sound: the backend registered as `webgpu` is tfjs's.
  return Object.getPrototypeOf(backend).constructor as WebGPUBackendClass;
}

/** The class of what is registered, which only a backend tells: one is made on a virtual adapter. */
async function registeredClass({
  registryFactory,
}: Engine): Promise<WebGPUBackendClass | undefined> {
  const { factory } = registryFactory["webgpu"] ?? {};
  if (factory === undefined) return undefined;
  const gpu = { requestAdapter: async () => createVirtualAdapter(ADAPTER_LIMITS) };
  const takeBack = own(globalThis.navigator, "gpu", gpu);
  let making: unknown;
  try {
    // It asks for the adapter at once; the rest may wait, and the page has its own GPU again.
    making = factory();
  } finally {
    takeBack();
  }
  const backend = await making;
  return typeof backend === "object" && backend !== null ? classOf(backend) : undefined;
}

async function importedClass(): Promise<WebGPUBackendClass> {
  const restoreKernels = takeKernels();
  try {
    const load = () => import("@tensorflow/tfjs-backend-webgpu");
    return (await unlisted("webgpu", load)).WebGPUBackend;
  } catch (error) {
    throw new UserError(
      `opcounter records what TensorFlow.js's WebGPU backend executes, and that cannot be imported (${reasonOf(error)}); npm install @tensorflow/tfjs-backend-webgpu brings it, which must be of your TensorFlow.js's version.`,
    );
  } finally {
    restoreKernels();
  }
}

/**
 * Imports a backend, and takes it off the list that tfjs chooses from: a page must not run on
 * another backend because it was profiled. It stays there by name, since the page may import the
 * same module later, which then registers nothing.
 */
export async function unlisted<T>(backendName: string, load: () => Promise<T>): Promise<T> {
  const wasListed = Object.hasOwn(engineIfLoaded()?.registryFactory ?? {}, backendName);
  const module = await load();
  const { registryFactory } = engine();
  const value = registryFactory[backendName];
  if (!wasListed && value !== undefined) {
    Object.defineProperty(registryFactory, backendName, {
      ...{ value, enumerable: false, configurable: true, writable: true },
    });
  }
  return module;
}

/**
 * Takes WebGPU kernels of another copy, on a page without WebGPU, out of the registry: tfjs warns of
 * each that is registered twice. Returns what puts back those that were not replaced.
 */
function takeKernels(): () => void {
  const kernels = kernelRegistry();
  const taken = [...kernels].filter(([, { backendName }]) => backendName === "webgpu");
  for (const [key] of taken) kernels.delete(key);
  return () => {
    for (const [key, kernel] of taken) if (!kernels.has(key)) kernels.set(key, kernel);
  };
}

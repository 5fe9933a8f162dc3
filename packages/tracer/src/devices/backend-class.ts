import { OpcounterError, reasonOf } from "@opcounter/ir/core";
import { own } from "../patches/patch.ts";
import { pageVersion } from "../tfjs/classes.ts";
import { type Engine, engine, engineIfLoaded, kernelRegistry } from "../tfjs/engine.ts";
import { unlisted } from "../tfjs/unlisted.ts";
import { isOwned, type WebGPUBackendClass } from "./backend.ts";
import { ADAPTER_LIMITS } from "./limits.ts";
import { createVirtualAdapter } from "./virtual-device.ts";

/** By engine: the class that was found. Its kernels stay registered. */
const found = new WeakMap<Engine, WebGPUBackendClass>();

/**
 * The class of the program's WebGPU backend: of the backend that is running, else of the backend
 * that is registered, else of the installed package. Only the last imports anything, so one copy's
 * kernels never replace another's.
 *
 * @throws OpcounterError "tfjs-missing" where there is none.
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

/** The class of the registered backend. To learn it, a backend is made on a virtual adapter. */
async function registeredClass({
  registryFactory,
}: Engine): Promise<WebGPUBackendClass | undefined> {
  const { factory } = registryFactory["webgpu"] ?? {};
  if (factory === undefined) return undefined;
  const gpu = { requestAdapter: async () => createVirtualAdapter(ADAPTER_LIMITS) };
  const takeBack = own(globalThis.navigator, "gpu", gpu);
  let making: unknown;
  try {
    // The factory asks for the adapter before it first waits. So the page has its own GPU back at
    // once.
    making = factory();
  } finally {
    takeBack();
  }
  const backend = await making;
  return typeof backend === "object" && backend !== null ? classOf(backend) : undefined;
}

async function importedClass(): Promise<WebGPUBackendClass> {
  const restoreKernels = takeKernels();
  // The script-tag build takes it from the page's `tf`, which may have none.
  let backendClass: WebGPUBackendClass | undefined;
  let reason = "";
  try {
    const load = () => import("@tensorflow/tfjs-backend-webgpu");
    backendClass = (await unlisted("webgpu", load)).WebGPUBackend;
  } catch (error) {
    reason = reasonOf(error);
  } finally {
    restoreKernels();
  }
  if (backendClass === undefined) throw backendMissing(reason);
  return backendClass;
}

/** The error of a program without the backend, with how a program of its kind gets it. */
function backendMissing(reason: string): OpcounterError {
  const sentence = "opcounter records what TensorFlow.js's WebGPU backend executes";
  const version = pageVersion();
  if (version !== undefined) {
    const source = `https://cdn.jsdelivr.net/npm/@tensorflow/tfjs-backend-webgpu@${backendFor(version)}`;
    return new OpcounterError("tfjs-missing", `${sentence}, which this page does not load`, {
      remedy: `add <script src="${source}"></script> below the script of TensorFlow.js`,
    });
  }
  return new OpcounterError("tfjs-missing", `${sentence}, which cannot be imported (${reason})`, {
    remedy:
      "run npm install @tensorflow/tfjs-backend-webgpu, with the version of your TensorFlow.js, or 4.22 where that is below 4.10",
  });
}

/** The version of the backend for a version of tfjs: below 4.10 there is none that is recorded. */
function backendFor(version: string): string {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  return major < 4 || (major === 4 && minor < 10) ? "4.22.0" : version;
}

/**
 * Takes all WebGPU kernels out of the registry, since tfjs warns about each kernel that is
 * registered twice. A page without WebGPU may have those of another copy. Returns what puts back
 * the kernels that were not replaced.
 */
function takeKernels(): () => void {
  const kernels = kernelRegistry();
  const taken = [...kernels].filter(([, { backendName }]) => backendName === "webgpu");
  for (const [key] of taken) kernels.delete(key);
  return () => {
    for (const [key, kernel] of taken) if (!kernels.has(key)) kernels.set(key, kernel);
  };
}

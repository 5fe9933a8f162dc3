import { OpcounterError, reasonOf } from "@opcounter/ir/core";
import { own } from "../patches/patch.ts";
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
  try {
    const load = () => import("@tensorflow/tfjs-backend-webgpu");
    return (await unlisted("webgpu", load)).WebGPUBackend;
  } catch (error) {
    throw new OpcounterError(
      "tfjs-missing",
      `opcounter records what TensorFlow.js's WebGPU backend executes, which cannot be imported (${reasonOf(error)})`,
      {
        remedy:
          "run npm install @tensorflow/tfjs-backend-webgpu, with the version of your TensorFlow.js",
      },
    );
  } finally {
    restoreKernels();
  }
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

import { kernelOf, OpcounterError, reasonOf, sizeOf } from "@opcounter/ir/core";
import type {
  KernelBackend,
  KernelConfig,
  NamedTensorInfoMap,
  TensorInfo,
} from "@tensorflow/tfjs-core";
import { host } from "#host";
import { partOf } from "../tfjs/complex.ts";
import { type Engine, engine, isTensor, kernelOn, kernelsOf } from "../tfjs/engine.ts";
import { unlisted } from "../tfjs/unlisted.ts";
import type { HostOperands, HostTensor } from "./host-tensor.ts";

/** More operands than this, with what a kernel needs beside them, may not fit into wasm's 4 GiB. */
const MOST_WASM_BYTES = 2 ** 29;

/**
 * Runs one kernel on tfjs's cpu backend, or on wasm where that is loaded and faster. It does not
 * use the engine: nothing is recorded, the active backend stays, and no data is left on either
 * backend.
 *
 * @returns undefined where no backend has the kernel.
 * @throws Error where the backend is known to compute the kernel wrongly. What a kernel throws
 *   passes through.
 */
export function runOnHost(
  kernel: string,
  operands: HostOperands,
  attrs: object,
): HostTensor[] | undefined {
  const host = kernelOf(kernel)?.host;
  if (host === "nowhere") {
    throw new Error(`TensorFlow.js's cpu backend computes ${kernel} wrongly`);
  }
  if (host === "opcounter") return functions?.runFunction(kernel, operands);
  const x = host === "cpu unless scalar" && !isList(operands) ? operands["x"] : undefined;
  if (x !== undefined && !isList(x) && x.shape.length === 0) return [x];
  const tfEngine = engine();
  const wasm = wasmIsLoaded ? tfEngine.registry["wasm"] : undefined;
  const onWasm = kernelOn("wasm", kernel);
  const onCpu = kernelOn("cpu", kernel);
  if (wasm !== undefined && onWasm != null && (onCpu == null || isFast(kernel, operands, attrs))) {
    return runOn(wasm, onWasm, operands, attrs);
  }
  return onCpu == null ? undefined : runOn(cpuOf(tfEngine), onCpu, operands, attrs);
}

/**
 * Runs a body on tfjs's cpu backend in place of the active one, which no kernel of the body then
 * uses. Tensors that it makes keep their data there until a kernel of another backend needs them.
 *
 * @throws OpcounterError "tfjs-missing" where there is no cpu backend.
 */
export function onCpu<T>(tfEngine: Engine, body: () => T): T {
  const { backendName, backendInstance } = tfEngine;
  tfEngine.backendInstance = cpuOf(tfEngine);
  tfEngine.backendName = "cpu";
  try {
    return body();
  } finally {
    Object.assign(tfEngine, { backendName, backendInstance });
  }
}

function isFast(kernel: string, operands: HostOperands, attrs: object): boolean {
  const host = kernelOf(kernel)?.host;
  if (host !== "wasm" && host !== "wasm unless transposed") return false;
  const tensors = Object.values(operands).flat();
  const known: Readonly<Record<string, unknown>> = { ...attrs };
  const { transposeA, transposeB, dataFormat, pad, activation } = known;
  // wasm adds the bias of a transposed product to wrong elements, has no layout with channels
  // first, treats explicit padding as "same", and reads a prelu's weights for every activation.
  if ("preluActivationWeights" in operands && activation !== "prelu") return false;
  if (host === "wasm unless transposed" && (transposeA || transposeB)) return false;
  if (dataFormat === "NCHW" || (pad !== undefined && typeof pad !== "string")) return false;
  const bytes = tensors.reduce((sum, { shape }) => sum + 4 * sizeOf(shape), 0);
  return tensors.every(({ dtype }) => dtype === "float32") && bytes < MOST_WASM_BYTES;
}

function runOn(
  backend: KernelBackend,
  { kernelFunc }: KernelConfig,
  operands: HostOperands,
  attrs: object,
): HostTensor[] {
  const temporary: TensorInfo[] = [];
  const put = (tensor: HostTensor): TensorInfo => {
    const info = write(backend, tensor);
    temporary.push(info);
    return info;
  };
  try {
    const inputs = isList(operands)
      ? operands.map(put)
      : Object.fromEntries(
          Object.entries(operands).map(([name, operand]) => [
            name,
            isList(operand) ? operand.map(put) : put(operand),
          ]),
        );
    // Sound: kernels that take a list of tensors get an array. tfjs casts it likewise.
    const named = inputs as NamedTensorInfoMap;
    const outputs = [kernelFunc({ inputs: named, attrs: { ...attrs }, backend })].flat();
    temporary.push(...outputs);
    return outputs.map(({ dataId, shape, dtype }) => ({
      values: backend.readSync(dataId),
      shape,
      dtype,
    }));
  } finally {
    for (const info of temporary) {
      // A few kernels of the cpu backend, such as Abs, give a tensor that the engine counts.
      if (isTensor(info)) info.dispose();
      else backend.disposeData(info.dataId, true);
    }
  }
}

/** Puts a tensor on a backend. The backend's own kernel makes a complex tensor of its parts. */
function write(backend: KernelBackend, { values, shape, dtype }: HostTensor): TensorInfo {
  const own = [...shape];
  if (dtype !== "complex64") {
    const info = { dataId: backend.write(values, own, dtype), shape: own, dtype };
    // Some kernels use members that only tensors have.
    return Object.assign(info, { rank: own.length, size: sizeOf(own) });
  }
  const part = (place: 0 | 1) =>
    write(backend, { values: partOf(values, place), shape, dtype: "float32" });
  const inputs = { real: part(0), imag: part(1) };
  const [complex] = [kernelOn("cpu", "Complex")?.kernelFunc({ inputs, attrs: {}, backend })].flat();
  if (complex === undefined) throw new Error("tfjs's cpu backend has no kernel Complex");
  return complex;
}

function isList<T>(value: T | readonly HostTensor[]): value is readonly HostTensor[] {
  return Array.isArray(value);
}

/** The engine's cpu backend. If there is none yet, it is made as the engine would make it. */
function cpuOf(tfEngine: Engine): KernelBackend {
  const registered = tfEngine.registry["cpu"];
  if (registered !== undefined) return registered;
  const { factory } = tfEngine.registryFactory["cpu"] ?? {};
  if (factory === undefined) {
    throw new OpcounterError(
      "tfjs-missing",
      `A value that the program reads is computed on TensorFlow.js's cpu backend, which cannot be imported (${reasonOf(cpuFailure)})`,
      { remedy: "run npm install @tensorflow/tfjs-backend-cpu" },
    );
  }
  const made = factory();
  if (made instanceof Promise) throw new Error("tfjs's cpu backend is made asynchronously");
  // In Node it would print a greeting to stderr.
  Reflect.set(made, "firstUse", false);
  for (const { setupFunc } of kernelsOf("cpu")) setupFunc?.(made);
  tfEngine.registry["cpu"] = made;
  return made;
}

/** Functions that are no kernels: loaded with the backends, as few pages need either. */
let functions: typeof import("./host-functions.ts") | undefined;

let wasmIsLoaded = false;
let loading: Promise<unknown> | undefined;

/**
 * Loads tfjs's cpu backend if the program has not, and once per process its wasm backend, which
 * computes convolutions and matrix products fast. If wasm's optional package is not installed, the
 * cpu backend computes all.
 */
export async function loadHostBackends(): Promise<void> {
  functions ??= await import("./host-functions.ts");
  await loadCpu();
  loading ??= importWasm();
  await loading;
}

async function importWasm(): Promise<void> {
  const { loadWasm } = await import("./load-wasm.ts");
  wasmIsLoaded = await loadWasm(engine()).catch(() => false);
}

/** Loads tfjs's cpu backend if the program has not. */
export async function loadCpu(): Promise<void> {
  const isMissing = !("cpu" in engine().registryFactory);
  if (isMissing) await unlisted("cpu", importCpu);
}

/** Why the cpu backend could not be imported. It is told when a value is to be computed. */
let cpuFailure: unknown;

async function importCpu(): Promise<void> {
  try {
    await import("@tensorflow/tfjs-backend-cpu");
  } catch (error) {
    cpuFailure = error;
  }
}

/** The npm package that would compute values faster, where it could be installed and is not. */
export function missingPackage(): string | undefined {
  return wasmIsLoaded ? undefined : host.wasmPackage;
}

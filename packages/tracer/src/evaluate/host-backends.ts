import { kernelOf, sizeOf, UserError } from "@opcounter/ir";
import type { BackendValues, DataType, KernelBackend, TensorInfo } from "@tensorflow/tfjs";
import * as tf from "@tensorflow/tfjs";
import { partOf } from "../complex.ts";
import { type Engine, engine } from "../engine.ts";

/** A tensor on the host. Complex numbers are pairs of floats, as tfjs hands them out. */
export interface HostTensor {
  readonly values: BackendValues;
  readonly shape: readonly number[];
  readonly dtype: DataType;
}

/** Operands by name, a list where the kernel takes one; all in a list for kernels such as Concat. */
export type HostOperands =
  | readonly HostTensor[]
  | Readonly<Record<string, HostTensor | readonly HostTensor[]>>;

/** The members of tfjs's wasm and cpu backends that running kernels past the engine needs. */
type HostBackend = KernelBackend & {
  write(values: BackendValues, shape: number[], dtype: DataType): object;
  readSync(dataId: object): BackendValues;
};

/** More than this, with what a kernel needs beside it, may not fit into wasm's 4 GiB. */
const MOST_WASM_BYTES = 2 ** 29;

/**
 * Runs one kernel on tfjs's cpu backend, or on wasm where that is loaded and good at it. The engine
 * knows nothing of it: nothing is recorded, its active backend stays, and nothing is left on either.
 *
 * Undefined where no backend has the kernel; what a kernel throws passes through.
 *
 * @throws UserError where the backend that has it is known to compute it wrongly.
 */
export function runOnHost(
  kernel: string,
  operands: HostOperands,
  attrs: object,
): HostTensor[] | undefined {
  const host = kernelOf(kernel)?.host;
  if (host === "nowhere") {
    throw new UserError(`TensorFlow.js's cpu backend computes ${kernel} wrongly`);
  }
  const x = host === "cpu unless scalar" && !isList(operands) ? operands["x"] : undefined;
  if (x !== undefined && !isList(x) && x.shape.length === 0) return [x];
  const tfEngine = engine();
  const wasm = wasmIsLoaded ? tfEngine.registry["wasm"] : undefined;
  const onWasm = tf.getKernel(kernel, "wasm");
  const onCpu = tf.getKernel(kernel, "cpu");
  if (wasm !== undefined && onWasm != null && (onCpu == null || isFast(kernel, operands, attrs))) {
    return runOn(wasm as HostBackend, onWasm, operands, attrs);
  }
  return onCpu == null ? undefined : runOn(cpuOf(tfEngine), onCpu, operands, attrs);
}

function isFast(kernel: string, operands: HostOperands, attrs: object): boolean {
  const host = kernelOf(kernel)?.host;
  if (host !== "wasm" && host !== "wasm unless transposed") return false;
  const tensors = Object.values(operands).flat();
  const { transposeA, transposeB, dataFormat, pad, activation } = attrs as Readonly<
    Record<string, unknown>
  >;
  // wasm adds the bias of a transposed product to wrong elements, has no channels first, takes any
  // padding in numbers for "same", and reads a prelu's weights whatever the activation is.
  if ("preluActivationWeights" in operands && activation !== "prelu") return false;
  if (host === "wasm unless transposed" && (transposeA || transposeB)) return false;
  if (dataFormat === "NCHW" || (pad !== undefined && typeof pad !== "string")) return false;
  const bytes = tensors.reduce((sum, { shape }) => sum + 4 * sizeOf(shape), 0);
  return tensors.every(({ dtype }) => dtype === "float32") && bytes < MOST_WASM_BYTES;
}

function runOn(
  backend: HostBackend,
  { kernelFunc }: tf.KernelConfig,
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
    // Sound: kernels that take a list of tensors are given an array; tfjs casts it likewise.
    const named = inputs as tf.NamedTensorInfoMap;
    const outputs = [kernelFunc({ inputs: named, attrs: { ...attrs }, backend })].flat();
    temporary.push(...outputs);
    return outputs.map(({ dataId, shape, dtype }) => ({
      values: backend.readSync(dataId),
      shape,
      dtype,
    }));
  } finally {
    for (const { dataId } of temporary) backend.disposeData(dataId, true);
  }
}

/** Puts a tensor on a backend. A complex one is made of its parts by the backend's own kernel. */
function write(backend: HostBackend, { values, shape, dtype }: HostTensor): TensorInfo {
  const own = [...shape];
  if (dtype !== "complex64") {
    const info = { dataId: backend.write(values, own, dtype), shape: own, dtype };
    // Some kernels look for what only tensors have.
    return Object.assign(info, { rank: own.length, size: sizeOf(own) });
  }
  const part = (place: 0 | 1) =>
    write(backend, { values: partOf(values, place), shape, dtype: "float32" });
  const complex = tf.getKernel("Complex", "cpu");
  const inputs = { real: part(0), imag: part(1) };
  return [complex.kernelFunc({ inputs, attrs: {}, backend })].flat()[0] as TensorInfo;
}

function isList<T>(value: T | readonly HostTensor[]): value is readonly HostTensor[] {
  return Array.isArray(value);
}

/** The engine's cpu backend; made as the engine would, if need be. */
function cpuOf(tfEngine: Engine): HostBackend {
  const registered = tfEngine.registry["cpu"];
  if (registered !== undefined) return registered as HostBackend;
  // Sound: this package depends on the cpu backend, whose factory makes one at once.
  const made = tfEngine.registryFactory["cpu"]?.factory() as HostBackend;
  // It would greet whoever runs it in Node, on stderr.
  Reflect.set(made, "firstUse", false);
  for (const { setupFunc } of tf.getKernelsForBackend("cpu")) setupFunc?.(made);
  tfEngine.registry["cpu"] = made;
  return made;
}

let wasmIsLoaded = false;
let loading: Promise<void> | undefined;

/**
 * Loads tfjs's wasm backend, once a process, so that convolutions and products are computed fast.
 * Where its optional package is not installed, all is computed on cpu.
 */
export function loadWasm(): Promise<void> {
  loading ??= load().catch(() => undefined);
  return loading;
}

async function load(): Promise<void> {
  const tfEngine = engine();
  const wasRegistered = "wasm" in tfEngine.registryFactory;
  const { setWasmPaths } = await import("@tensorflow/tfjs-backend-wasm");
  const factory = tfEngine.registryFactory["wasm"];
  // Or a page would run on wasm from now on, because it was profiled.
  if (!wasRegistered && factory !== undefined) factory.priority = 0;
  if (tfEngine.registry["wasm"] === undefined) {
    const folder = await wasmFolder();
    if (folder !== undefined) setWasmPaths(folder);
    // Its kernels work on the memory of the instance that was set up last, so there must be one only.
    const made = (await withoutListeners(async () => factory?.factory())) as HostBackend;
    for (const { setupFunc } of tf.getKernelsForBackend("wasm")) setupFunc?.(made);
    tfEngine.registry["wasm"] ??= made;
  }
  wasmIsLoaded = true;
}

/**
 * Runs `make`, and takes the listeners off the process that it puts there: Emscripten's throw errors
 * again that nobody caught, which ends programs that listen for such errors themselves.
 */
async function withoutListeners<T>(make: () => Promise<T>): Promise<T> {
  if (!isNode) return make();
  const emitter: NodeJS.EventEmitter = process;
  const listeners = () =>
    ["uncaughtException", "unhandledRejection"].flatMap((event) =>
      emitter.listeners(event).map((listener) => [event, listener] as const),
    );
  const before = new Set(listeners().map(([, listener]) => listener));
  try {
    return await make();
  } finally {
    for (const [event, listener] of listeners()) {
      if (!before.has(listener)) Reflect.apply(emitter.off, emitter, [event, listener]);
    }
  }
}

/** Whether files lie on this machine; a browser has to fetch them. */
export const isNode = typeof process !== "undefined" && Boolean(process.versions?.node);

/** Where the package's .wasm files lie; a browser finds them beside its script. */
async function wasmFolder(): Promise<string | undefined> {
  if (!isNode) return undefined;
  const { createRequire } = await import("node:module");
  const { dirname, join } = await import("node:path");
  const file = "@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm.wasm";
  return join(dirname(createRequire(import.meta.url).resolve(file)), "/");
}

import { UserError } from "@opcounter/ir";
import type { BackendValues, DataType, KernelBackend, TensorInfo } from "@tensorflow/tfjs";
import * as tf from "@tensorflow/tfjs";
import { type Engine, engine } from "../engine.ts";

/** A tensor on one of the host's backends. */
export interface HostTensor {
  readonly backend: HostBackend;
  readonly info: TensorInfo;
}

/** The members of tfjs's wasm and cpu backends that running kernels past the engine needs. */
type HostBackend = KernelBackend & {
  write(values: BackendValues, shape: number[], dtype: DataType): object;
  readSync(dataId: object): BackendValues;
};

/** Operands by name, a list where the kernel takes one; all in a list for kernels such as Concat. */
export type HostOperands =
  | readonly HostTensor[]
  | Readonly<Record<string, HostTensor | readonly HostTensor[]>>;

/**
 * Runs single kernels on tfjs's wasm backend, and on its cpu backend those that wasm lacks. The
 * engine knows nothing of it: nothing is recorded, and its active backend stays as it is.
 */
export class HostBackends {
  readonly #wasm: HostBackend;
  readonly #cpu: HostBackend;

  constructor(wasm: HostBackend, cpu: HostBackend) {
    this.#wasm = wasm;
    this.#cpu = cpu;
  }

  /**
   * Whether the wasm backend is the engine's own. Its kernels work on the memory of the instance that
   * was set up last, so there must be no other.
   */
  isCurrent({ registry }: Engine): boolean {
    return registry["wasm"] === this.#wasm;
  }

  /** Puts values on the host. */
  tensor(values: BackendValues, shape: readonly number[], dtype: DataType): HostTensor {
    // The wasm backend has no complex numbers; they live on the other.
    const backend = dtype === "complex64" ? this.#cpu : this.#wasm;
    const dataId = backend.write(values, [...shape], dtype);
    return { backend, info: { dataId, shape: [...shape], dtype } };
  }

  values({ backend, info }: HostTensor): BackendValues {
    return backend.readSync(info.dataId);
  }

  /** Runs a kernel. Undefined where neither backend has it; what a kernel throws passes through. */
  run(kernel: string, operands: HostOperands, attrs: object): HostTensor[] | undefined {
    const all = Object.values(operands).flat();
    const isComplex = all.some(({ info }) => info.dtype === "complex64");
    const onWasm = isComplex ? undefined : tf.getKernel(kernel, "wasm");
    const onCpu = tf.getKernel(kernel, "cpu");
    if (onWasm != null) {
      try {
        return this.#runOn(this.#wasm, onWasm, operands, attrs);
      } catch (error) {
        // Some kernels of wasm take fewer dtypes than those of cpu.
        if (onCpu == null) throw error;
      }
    }
    return onCpu == null ? undefined : this.#runOn(this.#cpu, onCpu, operands, attrs);
  }

  #runOn(
    backend: HostBackend,
    { kernelFunc }: tf.KernelConfig,
    operands: HostOperands,
    attrs: object,
  ): HostTensor[] {
    const infosOf = (list: readonly HostTensor[]) =>
      list.map((item) => this.#infoOn(backend, item));
    const inputs = isList(operands)
      ? infosOf(operands)
      : Object.fromEntries(
          Object.entries(operands).map(([name, operand]) => [
            name,
            isList(operand) ? infosOf(operand) : this.#infoOn(backend, operand),
          ]),
        );
    // Sound: kernels that take a list of tensors are given an array; tfjs casts it likewise.
    const named = inputs as tf.NamedTensorInfoMap;
    const outputs = kernelFunc({ inputs: named, attrs: { ...attrs }, backend });
    return [outputs].flat().map((info) => ({ backend, info }));
  }

  /** A tensor as the backend knows it, moved there if it lives on the other. */
  #infoOn(backend: HostBackend, { backend: owner, info }: HostTensor): TensorInfo {
    if (owner === backend) return info;
    const { shape, dtype } = info;
    return { dataId: backend.write(owner.readSync(info.dataId), shape, dtype), shape, dtype };
  }
}

function isList<T>(value: T | readonly HostTensor[]): value is readonly HostTensor[] {
  return Array.isArray(value);
}

let loading: Promise<HostBackends> | undefined;
let loaded: HostBackends | undefined;

/** The backends, where `loadHostBackends` has finished and they still are the engine's. */
export function loadedHostBackends(): HostBackends | undefined {
  return loaded?.isCurrent(engine()) ? loaded : undefined;
}

/**
 * Loads the wasm backend, once a process.
 *
 * @throws UserError where its package is not installed.
 */
export function loadHostBackends(): Promise<HostBackends> {
  if (loaded !== undefined && !loaded.isCurrent(engine())) loading = undefined;
  loading ??= load().then((backends) => {
    loaded = backends;
    return backends;
  });
  // A failed attempt is not kept: what was missing may be installed meanwhile.
  loading.catch(() => {
    loading = undefined;
  });
  return loading;
}

async function load(): Promise<HostBackends> {
  const tfEngine = engine();
  const wasRegistered = "wasm" in tfEngine.registryFactory;
  const { setWasmPaths } = await importWasm();
  const factory = tfEngine.registryFactory["wasm"];
  // Or a page would run on wasm from now on, because it was profiled.
  if (!wasRegistered && factory !== undefined) factory.priority = 0;
  const folder = await wasmFolder();
  if (folder !== undefined) setWasmPaths(folder);
  return new HostBackends(await backend(tfEngine, "wasm"), await backend(tfEngine, "cpu"));
}

async function importWasm(): Promise<typeof import("@tensorflow/tfjs-backend-wasm")> {
  try {
    return await import("@tensorflow/tfjs-backend-wasm");
  } catch (error) {
    throw missing(error);
  }
}

/** Where the package's .wasm files lie; a browser finds them beside its script. */
async function wasmFolder(): Promise<string | undefined> {
  if (typeof process === "undefined" || !process.versions?.node) return undefined;
  const { createRequire } = await import("node:module");
  const { dirname, join } = await import("node:path");
  try {
    const file = "@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm.wasm";
    return join(dirname(createRequire(import.meta.url).resolve(file)), "/");
  } catch (error) {
    throw missing(error);
  }
}

function missing(error: unknown): UserError {
  const reason = error instanceof Error ? error.message.split("\n")[0] : String(error);
  return new UserError(
    `To compute values that a program reads, the virtual device needs the optional npm package "@tensorflow/tfjs-backend-wasm", which cannot be loaded (${reason}); install it, or use --device software, or --device gpu (in code: { device: "software" }).`,
  );
}

/** The backend the engine has under a name; made by its factory as the engine would, if need be. */
async function backend(tfEngine: Engine, name: "wasm" | "cpu"): Promise<HostBackend> {
  const registered = tfEngine.registry[name];
  if (registered !== undefined) return registered as HostBackend;
  const made = await tfEngine.registryFactory[name]?.factory();
  if (made === undefined) throw missing(new Error(`TensorFlow.js has no backend ${name}`));
  // Sound: a backend's factory makes one.
  const backend = made as HostBackend;
  for (const { setupFunc } of tf.getKernelsForBackend(name)) setupFunc?.(backend);
  tfEngine.registry[name] = backend;
  return backend;
}

import { OpcounterError } from "@opcounter/ir/core";
import type {
  BackendValues,
  DataType,
  KernelBackend,
  KernelConfig,
  Tensor,
  TensorInfo,
  Variable,
} from "@tensorflow/tfjs-core";
import { own, unsupportedMember } from "../patches/patch.ts";
import { takeBack } from "../patches/undo.ts";

/** tfjs's key for the bytes behind tensors; views share it. */
export type DataId = object;

/** The elements of a tensor on the host. Strings are texts, or the bytes of texts. */
export type TensorValues = BackendValues | readonly string[];

/** What tfjs's engine keeps of one piece of data. */
interface DataRecord {
  backend: KernelBackend;
  readonly dtype: DataType;
  readonly shape: number[];
}

interface BackendFactory {
  factory(): KernelBackend | Promise<KernelBackend>;
  priority: number;
}

/** A scope of tfjs, with the tensors that it disposes of when it ends. */
interface TensorScope {
  readonly name: string;
  readonly track: readonly Tensor[];
}

/** An op that ran while gradients are taken, with the function that computes its gradients. */
export interface TapeNode {
  /** What its gradients are computed from. */
  readonly saved?: readonly Tensor[];
  gradient?: (dys: readonly Tensor[]) => Readonly<Record<string, () => Tensor>>;
}

/**
 * The members of tfjs's engine that opcounter uses. All are plain fields and methods of the engine
 * object in tfjs 4, though its type declares some of them private.
 */
export interface Engine {
  runKernel(name: string, inputs: object, attrs?: object): Tensor | Tensor[];
  moveData(backend: KernelBackend, dataId: DataId): void;
  disposeTensor(tensor: Tensor): void;
  removeDataId(dataId: DataId, backend: KernelBackend): void;
  addTapeNode(...args: readonly unknown[]): void;
  gradients(
    f: () => Tensor,
    xs: readonly Tensor[],
    dy?: Tensor | null,
    allowNoGradients?: boolean,
  ): { readonly value: Tensor; readonly grads: readonly (Tensor | null | undefined)[] };
  startTape(): void;
  endTape(): void;
  makeTensor(
    values: TensorValues,
    shape: number[],
    dtype?: DataType,
    backend?: KernelBackend,
  ): Tensor;
  makeVariable(initial: Tensor, trainable?: boolean, name?: string, dtype?: DataType): Variable;
  makeTensorFromTensorInfo(info: TensorInfo, backend?: KernelBackend): Tensor;
  keep(tensor: Tensor): Tensor;
  startScope(name?: string): void;
  endScope(result?: unknown): void;
  setBackend(name: string): Promise<boolean>;
  removeBackend(name: string): void;
  readonly backend: KernelBackend;
  backendName: string | null | undefined;
  backendInstance: KernelBackend | null | undefined;
  pendingBackendInit: Promise<boolean> | null | undefined;
  readonly registry: Record<string, KernelBackend>;
  readonly registryFactory: Record<string, BackendFactory>;
  readonly ENV: {
    readonly flagRegistry: Readonly<Record<string, unknown>>;
    /** The values of flags that were set or asked for. */
    readonly flags: Record<string, unknown>;
    set(name: string, value: unknown): void;
  };
  /** Gives an id that no tensor has; later tensors get greater ones. */
  nextTensorId(): number;
  readonly state: {
    readonly scopeStack: readonly TensorScope[];
    readonly activeScope: TensorScope | null;
    /** What all tensors hold, in bytes. */
    readonly numBytes: number;
    /** Null where no gradient is being computed. */
    activeTape: readonly TapeNode[] | null | undefined;
    readonly registeredVariables: Readonly<Record<string, Variable>>;
    readonly tensorInfo: { get(dataId: DataId): DataRecord | undefined; has(id: DataId): boolean };
  };
}

const REQUIRED = [
  ...(["runKernel", "moveData", "removeDataId", "disposeTensor"] as const),
  ...(["addTapeNode", "gradients", "startTape", "endTape"] as const),
  ...(["makeTensor", "makeVariable", "makeTensorFromTensorInfo", "nextTensorId"] as const),
  ...(["keep", "startScope", "endScope", "setBackend", "removeBackend"] as const),
];

/**
 * The engine that every copy of tfjs in this global scope shares.
 *
 * @throws OpcounterError "tfjs-missing" where no tfjs is loaded, "tfjs-unsupported" where its
 *   engine lacks a member.
 */
export function engine(): Engine {
  const loaded = engineIfLoaded();
  if (loaded !== undefined) return loaded;
  throw new OpcounterError("tfjs-missing", "TensorFlow.js is not loaded", {
    remedy:
      "import @tensorflow/tfjs (3.21 to 4.22) in the program that calls opcounter, or load its script in the page",
  });
}

/** Marks the engine while a trace runs. All copies of opcounter share the mark. */
export const TRACING = Symbol.for("opcounter.tracing");

/** Whether a trace runs, by any copy of opcounter. */
export function isTracing(tfEngine: Engine): boolean {
  return Reflect.has(tfEngine, TRACING);
}

/** The error where another trace is running. */
export function traceRunning(): OpcounterError {
  return new OpcounterError(
    "trace-running",
    "A trace is already running, and all of TensorFlow.js shares one engine",
    { remedy: "await it before the next begins" },
  );
}

/** The engine; undefined where no tfjs is loaded. */
export function engineIfLoaded(): Engine | undefined {
  const candidate: unknown = Reflect.get(globalThis, "_tfengine");
  if (candidate === undefined || isEngine(candidate)) return candidate;
  throw new OpcounterError(
    "tfjs-unsupported",
    `The engine of the TensorFlow.js that is loaded lacks what opcounter records through (${REQUIRED.join(", ")}, registry, state)`,
    { remedy: "use @tensorflow/tfjs 3.21 to 4.22" },
  );
}

/** What all copies of tfjs share, by its name in tfjs. */
function shared(name: string): unknown {
  const globals: unknown = Reflect.get(globalThis, "_tfGlobals");
  return globals instanceof Map ? globals.get(name) : undefined;
}

/**
 * The prototype of all tensors.
 *
 * @throws OpcounterError "tfjs-unsupported" where tfjs has none.
 */
export function tensorPrototype(): object {
  const Tensor = shared("Tensor");
  if (typeof Tensor !== "function") throw unsupportedMember(engine(), "Tensor");
  return Tensor.prototype;
}

/** The kernels of all backends, which all copies of tfjs share. */
export function kernelRegistry(): Map<string, KernelConfig> {
  const registry = shared("kernelRegistry");
  // Sound: tfjs keeps KernelConfig objects there, and nothing else.
  return registry instanceof Map ? registry : new Map();
}

/** A backend's kernel of this name. */
export function kernelOn(backendName: string, kernelName: string): KernelConfig | undefined {
  return kernelRegistry().get(`${backendName}_${kernelName}`);
}

/** All kernels of a backend. */
export function kernelsOf(backendName: string): KernelConfig[] {
  return [...kernelRegistry().values()].filter((kernel) => kernel.backendName === backendName);
}

function isEngine(value: unknown): value is Engine {
  if (typeof value !== "object" || value === null) return false;
  const methods = REQUIRED.every((name) => typeof Reflect.get(value, name) === "function");
  return methods && ["registry", "registryFactory", "state", "ENV"].every((name) => name in value);
}

/**
 * Another tensor of the same data, which `tf.tidy` does not dispose of. In contrast to `tf.clone`,
 * no kernel runs, and the data stays on its backend.
 */
export function aliasOf(tfEngine: Engine, tensor: Tensor): Tensor {
  const { dataId, shape, dtype } = tensor;
  const backend = tfEngine.state.tensorInfo.get(dataId)?.backend;
  const alias = tfEngine.makeTensorFromTensorInfo({ dataId, shape, dtype }, backend);
  alias.kept = true;
  backend?.incRef(dataId);
  return alias;
}

/** The tfjs scope that holds the tensors that a program makes. */
export interface ProgramScope {
  /**
   * Runs the program in it. Where it goes on later, other code goes on in the scopes it had: what it
   * returns is a promise, or `isWaiting` says so.
   */
  run<T>(program: () => T, isWaiting: () => boolean): T;
  /** @throws OpcounterError "program-unsupported" where the program ended it. */
  check(): void;
  /** The tensors that were made in it, or came out of scopes inside; some may be disposed of. */
  readonly tracked: readonly Tensor[];
  /**
   * Ends the scope, and those that the program left open.
   *
   * @param others the tensors that stay, for the scope around to dispose of.
   */
  leave(others?: readonly Tensor[]): void;
}

/** Begins a scope, and goes into it. */
export function enterScope(tfEngine: Engine): ProgramScope {
  const { state } = tfEngine;
  const scopesNow = () => ({ scopeStack: state.scopeStack, activeScope: state.activeScope });
  const around = scopesNow();
  const scopeStack = [...around.scopeStack];
  const outside = scopeStack.length;
  const endTapes = tapesOf(tfEngine);
  let isInside = true;
  let undo: (() => void)[] = [];
  Object.assign(state, { scopeStack });
  tfEngine.startScope("opcounter");
  return {
    run(program, isWaiting) {
      let goesOn = false;
      try {
        const outcome = program();
        goesOn = isPromise(outcome) || isWaiting();
        return outcome;
      } finally {
        const inside = Object.entries(scopesNow());
        Object.assign(state, around);
        isInside = false;
        // Only where it is needed: an accessor makes all that tfjs does slower, also afterwards.
        if (goesOn) undo = inside.map(([name, value]) => own(state, name, value));
      }
    },
    get tracked() {
      return scopeStack.slice(outside).flatMap(({ track }) => track);
    },
    check() {
      if (scopeStack.length > outside) return;
      throw new OpcounterError(
        "program-unsupported",
        "The traced program ended a scope of TensorFlow.js that it did not begin",
        { remedy: "pair its tf.engine().startScope() and endScope() calls" },
      );
    },
    leave(others = []) {
      takeBack(undo);
      const back = isInside ? around : scopesNow();
      Object.assign(state, { scopeStack, activeScope: scopeStack.at(-1) ?? null });
      endTapes();
      while (scopeStack.length > outside) tfEngine.endScope(others);
      Object.assign(state, back);
    },
  };
}

/**
 * Returns what ends the tapes that were begun since: tfjs itself leaves a tape, with what it saved,
 * where the function throws whose gradient is taken.
 */
function tapesOf({ state }: Engine): () => void {
  const { activeTape } = state;
  return () => {
    if (state.activeTape === activeTape) return;
    for (const { saved = [] } of state.activeTape ?? []) {
      for (const tensor of saved) tensor.dispose();
    }
    state.activeTape = activeTape;
  };
}

function isPromise(value: unknown): boolean {
  return typeof value === "object" && value !== null && "then" in value;
}

/** Whether a value is a tensor, of any copy of tfjs. */
export function isTensor(value: unknown): value is Tensor {
  return (
    typeof value === "object" &&
    value !== null &&
    "dataId" in value &&
    "shape" in value &&
    "dtype" in value &&
    "id" in value
  );
}

export function isVariable(tensor: Tensor): tensor is Variable {
  return "assign" in tensor && "trainable" in tensor;
}

import type { Tensor } from "@tensorflow/tfjs";
import * as tf from "@tensorflow/tfjs";
import type { ParamSource, Recorder } from "./recorder.ts";

interface GraphNode {
  readonly name: string;
  readonly op: string;
  readonly inputNames: readonly string[];
}

interface NodeGraph {
  readonly nodes: Readonly<Record<string, GraphNode>>;
}

interface GraphExecutor {
  readonly graph: NodeGraph;
  readonly weightMap: Readonly<Record<string, readonly Tensor[]>>;
  readonly functionExecutorMap?: Readonly<Record<string, GraphExecutor>>;
}

/** The parts of a tfjs GraphModel that are looked at. */
export interface GraphModel {
  readonly executor: GraphExecutor;
  readonly inputs: readonly { name: string; shape?: readonly number[]; dtype: tf.DataType }[];
  execute(inputs: unknown, outputs?: unknown): unknown;
  executeAsync(inputs: unknown, outputs?: unknown): Promise<unknown>;
}

export function isGraphModel(value: unknown): value is GraphModel {
  return (
    typeof value === "object" &&
    value !== null &&
    "executor" in value &&
    "executeAsync" in value &&
    "execute" in value
  );
}

/**
 * Makes every node that a GraphModel executes a call in the graph, until the returned function is
 * called. The executor reads a node's `category` right before it runs the node and at no other
 * time, so a getter in its place tells which node the kernels that follow belong to.
 */
export function watchGraphModels(recorder: Recorder, model?: GraphModel): () => void {
  const undo: (() => void)[] = [];
  const executors: Executors = new Map();
  const prototypes = new Set<object>([tf.GraphModel.prototype]);
  if (model !== undefined) prototypes.add(Object.getPrototypeOf(model));
  for (const prototype of prototypes) {
    for (const method of ["execute", "executeAsync"] as const) {
      undo.push(
        wrapMethod(prototype, method, (self, run) => {
          if (!isGraphModel(self)) return run();
          for (const param of paramsOfGraphModel(self)) recorder.addParam(param);
          watchExecutor(recorder, self.executor, executors, undo);
          return runWatched(recorder, executors.get(self.executor), run);
        }),
      );
    }
  }
  return () => {
    for (const step of undo.reverse()) step();
  };
}

/**
 * The weights of a frozen graph: all that its weights manifest holds, trained by nothing. Shapes
 * and axes that the converter froze are among them, as int32.
 */
export function paramsOfGraphModel({ executor }: GraphModel): ParamSource[] {
  const statistics = new Set<string>();
  for (const { op, inputNames } of Object.values(executor.graph.nodes)) {
    // The moving mean and variance of batch normalization are its fourth and fifth inputs.
    if (op.startsWith("FusedBatchNorm"))
      for (const name of inputNames.slice(3)) statistics.add(name);
  }
  return Object.entries(executor.weightMap).flatMap(([name, tensors]) =>
    tensors.map((tensor) => ({
      tensor,
      name,
      trainable: false,
      role: statistics.has(name) ? ("statistic" as const) : ("weight" as const),
    })),
  );
}

/** How many frames were open when an executor was last started: its nodes' frames lie above. */
interface Base {
  frames: number;
}
type Executors = Map<GraphExecutor, Base>;

/** Watches the nodes of an executor, and of the executors of its functions, which run inside. */
function watchExecutor(
  recorder: Recorder,
  executor: GraphExecutor,
  executors: Executors,
  undo: (() => void)[],
): void {
  if (executors.has(executor)) return;
  const base: Base = { frames: 0 };
  executors.set(executor, base);
  for (const node of Object.values(executor.graph.nodes)) {
    undo.push(watchNode(recorder, node, base));
  }
  for (const inner of Object.values(executor.functionExecutorMap ?? {})) {
    watchExecutor(recorder, inner, executors, undo);
    undo.push(
      wrapMethod(inner, "executeFunctionAsync", (_, run) =>
        runWatched(recorder, executors.get(inner), run),
      ),
    );
  }
}

/** Runs an executor; when it ends, the frame of the node it ran last ends too. */
function runWatched(recorder: Recorder, base: Base | undefined, run: () => unknown): unknown {
  if (base === undefined) return run();
  const outer = base.frames;
  const frames = recorder.frameCount;
  base.frames = frames;
  return finishing(run, () => {
    recorder.unwind(frames);
    base.frames = outer;
  });
}

function watchNode(recorder: Recorder, node: GraphNode, base: Base): () => void {
  const original = Object.getOwnPropertyDescriptor(node, "category");
  if (original === undefined) return () => undefined;
  Object.defineProperty(node, "category", {
    configurable: true,
    enumerable: true,
    get() {
      recorder.unwind(base.frames);
      recorder.enterNode(node.op, node.name);
      return original.value;
    },
  });
  return () => Object.defineProperty(node, "category", original);
}

/** Puts a method that goes through `around` before an object's own; returns what takes it back. */
function wrapMethod(
  target: object,
  name: string,
  around: (self: unknown, run: () => unknown) => unknown,
): () => void {
  const original = Object.getOwnPropertyDescriptor(target, name);
  const method: unknown = Reflect.get(target, name);
  if (typeof method !== "function") return () => undefined;
  function wrapped(this: unknown, ...args: unknown[]): unknown {
    return around(this, () => Reflect.apply(method as CallableFunction, this, args));
  }
  Object.defineProperty(target, name, { value: wrapped, configurable: true, writable: true });
  return () => {
    if (original === undefined) Reflect.deleteProperty(target, name);
    else Object.defineProperty(target, name, original);
  };
}

/** Runs `finish` when `run` has ended, be it sync or async, well or not. */
function finishing(run: () => unknown, finish: () => void): unknown {
  let result: unknown;
  try {
    result = run();
  } catch (error) {
    finish();
    throw error;
  }
  if (result instanceof Promise) return result.finally(finish);
  finish();
  return result;
}

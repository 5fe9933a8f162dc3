import type { CallId } from "@opcounter/ir/core";
import { unsupportedMember, wrapMethod } from "../patches/patch.ts";
import { takeBack } from "../patches/undo.ts";
import { holdTables } from "../session/hold-tables.ts";
import type { ProgramState } from "../session/program-state.ts";
import {
  type GraphExecutor,
  type GraphModel,
  type GraphNode,
  isGraphModel,
  paramsOfGraphModel,
} from "../targets/graph-model.ts";
import type { Traceable } from "../targets/target.ts";
import type { TfjsClasses } from "../tfjs/classes.ts";
import { engine, tensorPrototype } from "../tfjs/engine.ts";
import {
  type Execution,
  type ExecutionContext,
  type Owner,
  type Run,
  Runs,
} from "./graph-model-runs.ts";
import type { Recorder } from "./recorder.ts";

interface NodeListener {
  /** Called right before a node runs, with the execution that it is part of, if that is known. */
  begins(node: GraphNode, execution: Execution | undefined): void;
  /** Called when nodes have run: what runs next may be the program. */
  pause(): void;
}

/** What is watched. */
export interface WatchedPass {
  /** Holds what the models keep from one run to the next. */
  readonly state: ProgramState;
  /** The copies of tfjs-converter whose models are watched. */
  readonly classes: readonly TfjsClasses[];
  readonly target: Pick<Traceable, "callsAnyModel">;
}

/** What ends the watch, and what is told of each read of a tensor's values. */
export interface GraphModelsWatch {
  readonly stop: () => void;
  /** Told of a read that begins, with what the program awaits if it awaits its values. */
  readonly onRead: (values: unknown) => void;
}

/**
 * Makes every node that a GraphModel executes a call in the graph. The executor reads a node's
 * `category` right before it runs the node and at no other time. So a getter in its place tells
 * which node the next kernels belong to.
 */
export function watchGraphModels(
  recorder: Recorder,
  { state, classes, target }: WatchedPass,
  listener: NodeListener,
): GraphModelsWatch {
  const undo: (() => void)[] = [];
  const watches = new Map<GraphExecutor, ModelWatch>();
  const runs = new Runs(recorder.scopes, !target.callsAnyModel);
  // It awaits `data()` itself, and what awaits it goes on later.
  const watchArray = (_: unknown, read: () => unknown) => runs.onRead(read());
  undo.push(wrapMethod(tensorPrototype(), "array", watchArray));
  const prototypes = new Set<object>();
  for (const { GraphModel } of classes) if (GraphModel) prototypes.add(GraphModel.prototype);
  for (const prototype of prototypes) {
    for (const method of ["execute", "executeAsync"] as const) {
      undo.push(
        wrapMethod(prototype, method, (self, run) => {
          if (!isGraphModel(self)) return run();
          let watch = watches.get(self.executor);
          if (watch === undefined) {
            const weights = Object.values(self.executor.weightMap).flat();
            // Those of a model that is itself the target are known.
            if (weights.some(({ id }) => recorder.values.ofTensor(id) === undefined)) {
              for (const param of paramsOfGraphModel(self)) recorder.values.addParam(param);
            }
            state.undo.push(holdTables(engine(), self));
            watch = new ModelWatch(recorder, listener, runs, self);
            watches.set(self.executor, watch);
            undo.push(() => watch?.stop());
          }
          return watch.run(run);
        }),
      );
    }
  }
  return { stop: () => takeBack(undo), onRead: (values) => runs.onRead(values) };
}

/** No call has this id. */
const NO_CALL = -1;

/**
 * Watches the executor of one model, and those of its functions. Nodes of different functions may
 * alternate while some of them wait for values. So a node's scope follows from the function it is
 * in, not from the node that ran before.
 */
class ModelWatch {
  readonly #recorder: Recorder;
  readonly #listener: NodeListener;
  readonly #all: Runs;
  readonly #undo: (() => void)[] = [];
  /** By its call, a node that has called none of its functions yet. */
  readonly #waiting = new Map<CallId, Owner>();
  /** By list of arguments, the node that calls functions with it. */
  readonly #callers = new WeakMap<object, Owner>();
  /** The node that is calling a function right now. */
  #calling: Owner | undefined;
  /** The calls of the model whose own graph has not begun: its initializer may run before. */
  readonly #starting = new Set<Run>();
  readonly #runs = new WeakMap<ExecutionContext, Run>();
  readonly #nodeNames: readonly string[];
  readonly #functions: ReadonlySet<string>;
  /** The paths of scopes that nodes are in, which those of each scope share. */
  readonly #scopes = new Map<string, readonly string[]>();

  constructor(
    recorder: Recorder,
    listener: NodeListener,
    runs: Runs,
    { executor, initializer }: GraphModel,
  ) {
    this.#recorder = recorder;
    this.#listener = listener;
    this.#all = runs;
    const functions = Object.entries(executor.functionExecutorMap ?? {});
    const executors = [executor, ...functions.map(([, inner]) => inner)];
    if (initializer !== undefined) executors.push(initializer);
    this.#nodeNames = executors.flatMap(({ graph }) => Object.keys(graph.nodes));
    this.#functions = new Set(functions.map(([name]) => name));
    for (const each of executors) this.#watch(each, each === executor);
    for (const [name, inner] of functions) this.#watchCalls(inner, name);
  }

  /** Runs the model. When it ends, the call of its last node ends too. */
  run(execute: () => unknown): unknown {
    const { place } = this.#all;
    const run: Run = { frames: place.frames };
    this.#starting.add(run);
    return finishing(
      () => this.#all.within(run, this.#all.areAlone, execute),
      (wasAwaited) => {
        this.#starting.delete(run);
        // What awaited it goes on where it called it.
        if (wasAwaited) this.#all.resume(place);
      },
    );
  }

  stop(): void {
    takeBack(this.#undo);
  }

  #watch(executor: GraphExecutor, isMain: boolean): void {
    let watchNodes = () => {
      watchNodes = () => {};
      this.#watchNodes(executor);
    };
    // Compiling looks at each node many times, and nodes are slow for V8 once they have getters.
    if (executor.compiledMap?.size) watchNodes();
    const compile = (_: unknown, run: () => unknown) => finishing(run, () => watchNodes());
    // The third argument is the context of the execution, which has the iterations of loops.
    const runNodes = (_: unknown, run: () => unknown, args: readonly unknown[]) => {
      watchNodes();
      const [, , context, results] = args;
      if (!isContext(context) || typeof results !== "object" || results === null) return run();
      let part = this.#runs.get(context);
      if (part === undefined) {
        part = { ...this.#begun(isMain), execution: { context, results } };
        this.#runs.set(context, part);
      }
      try {
        return this.#all.within(part, true, run);
      } finally {
        this.#listener.pause();
      }
    };
    this.#undo.push(wrapMethod(executor, "compile", compile));
    this.#undo.push(wrapMethod(executor, "processStack", runNodes));
  }

  /** Where an execution belongs that begins: to the node that calls it, or to a call of the model. */
  #begun(isMain: boolean): Run {
    const owner = this.#calling;
    // What calls a function runs its first nodes at once, and the others later.
    if (owner !== undefined) return { frames: owner.run.frames, owner };
    const [first] = this.#starting;
    if (isMain && first !== undefined) this.#starting.delete(first);
    return first ?? { frames: this.#recorder.scopes.frames.slice() };
  }

  /**
   * Finds the node that calls a function, each time, since several nodes may share one. A loop calls
   * its condition and its body with one list of arguments, and then with the list that the body gave.
   */
  #watchCalls(executor: GraphExecutor, name: string): void {
    this.#undo.push(
      wrapMethod(executor, "executeFunctionAsync", (_, run, args) => {
        // Sound: tfjs calls it with a list of tensors, and it returns a promise of one.
        const [given] = args as [object];
        // A loop calls its condition when it begins; a branch goes on when it has its condition.
        const call = this.#recorder.scopes.innermost?.call ?? NO_CALL;
        const owner = this.#callers.get(given) ?? this.#waiting.get(call);
        const outer = this.#calling;
        this.#calling = owner;
        const results = run() as Promise<object>;
        this.#calling = outer;
        if (owner === undefined) return results;
        this.#waiting.delete(owner.call);
        this.#callers.set(given, owner);
        if (owner.body !== name) return results;
        return results.then((next) => {
          owner.iteration++;
          this.#callers.set(next, owner);
          return next;
        });
      }),
    );
  }

  /** Puts one getter in the place of the `category` of all nodes of an executor. */
  #watchNodes(executor: GraphExecutor): void {
    const originals = new Map<GraphNode, PropertyDescriptor>();
    this.#undo.push(() => {
      for (const [node, original] of originals) Object.defineProperty(node, "category", original);
    });
    const begin = (node: GraphNode, isOwnOp: boolean) => this.#begin(node, isOwnOp);
    const watched: PropertyDescriptor = {
      configurable: true,
      enumerable: true,
      get(this: GraphNode) {
        const category: unknown = originals.get(this)?.value;
        begin(this, category === "custom");
        return category;
      },
    };
    for (const node of Object.values(executor.graph.nodes)) {
      // A weight is there from the start: it never runs.
      if (Object.hasOwn(executor.weightMap, node.name)) continue;
      const original = Object.getOwnPropertyDescriptor(node, "category");
      if (original === undefined) throw unsupportedMember(node, "category");
      originals.set(node, original);
      Object.defineProperty(node, "category", watched);
    }
  }

  /** A node is about to run. */
  #begin(node: GraphNode, isOwnOp: boolean): void {
    const { scopes } = this.#recorder;
    const run = this.#all.now ?? { frames: [] };
    scopes.unwind(run.frames.length);
    const { execution, owner } = run;
    const names = pathIn(owner).concat(this.#pathOf(node, execution?.context));
    const parent = owner?.call ?? scopes.innermost?.call;
    const call = scopes.enter("node", node.op, names, parent, []);
    this.#all.began(isOwnOp);
    if (this.#functions.size > 0) this.#noteOwner(node, names, call, run);
    this.#listener.begins(node, execution);
  }

  /** Notes that a node runs functions, if it does. */
  #noteOwner(
    { attrParams = {} }: GraphNode,
    path: readonly string[],
    call: CallId,
    run: Run,
  ): void {
    const runs = Object.entries(attrParams).flatMap(([key, { value }]) =>
      typeof value === "string" && this.#functions.has(value) ? [[key, value] as const] : [],
    );
    if (runs.length === 0) return;
    const body = runs.find(([key]) => key === "body")?.[1];
    this.#waiting.set(call, { path, call, run, body, iteration: 0 });
  }

  /**
   * A node's name as a path. In a loop of TF1's control flow it has the iteration after the part
   * that the names of node and loop share, `map/while/[2]/Add`, or else after the loop's name.
   */
  #pathOf({ name }: GraphNode, context: ExecutionContext | undefined): readonly string[] {
    let path = this.#split(name);
    for (const { frameName, iterationId } of context?.currentContext ?? []) {
      if (frameName === "") continue;
      const loop = this.#loopPath(frameName);
      const plain = path.filter((part) => !/^\[\d+\]$/.test(part));
      let shared = plain.findIndex((part, i) => part !== loop[i]);
      if (shared < 0) shared = plain.length;
      const iteration = `[${iterationId}]`;
      // The path has the iterations of outer loops already.
      if (shared === 0) path = [...loop, iteration, ...path];
      else path = path.toSpliced(shared + (path.length - plain.length), 0, iteration);
    }
    return path;
  }

  /** A name as a path. */
  #split(name: string): readonly string[] {
    const slash = name.lastIndexOf("/");
    if (slash < 0) return [name];
    const scope = name.slice(0, slash);
    const path = this.#scopes.get(scope) ?? scope.split("/");
    this.#scopes.set(scope, path);
    return path.concat(name.slice(slash + 1));
  }

  /** A loop's name as a path. tfjs reads the names of frames in lower case. */
  #loopPath(frameName: string): readonly string[] {
    const lower = frameName.toLowerCase();
    const name = this.#nodeNames.find((node) => node.toLowerCase().startsWith(`${lower}/`));
    return (name ?? frameName).slice(0, frameName.length).split("/");
  }
}

/** The scope of the functions that a node runs. In a loop its last part is the iteration, `[0]`. */
function pathIn(owner: Owner | undefined): readonly string[] {
  if (owner === undefined) return [];
  return owner.body === undefined ? owner.path : [...owner.path, `[${owner.iteration}]`];
}

function isContext(value: unknown): value is ExecutionContext {
  return typeof value === "object" && value !== null && "currentContext" in value;
}

/** Runs `finish` when `run` has ended, also if it throws; `wasAwaited` where that took awaits. */
function finishing(run: () => unknown, finish: (wasAwaited: boolean) => void): unknown {
  let result: unknown;
  try {
    result = run();
  } catch (error) {
    finish(false);
    throw error;
  }
  if (result instanceof Promise) return result.finally(() => finish(true));
  finish(false);
  return result;
}

import type { CallId } from "@opcounter/ir/core";
import { unsupportedMember, wrapMethod } from "../patches/patch.ts";
import { takeBack } from "../patches/undo.ts";
import {
  type GraphExecutor,
  type GraphNode,
  isGraphModel,
  paramsOfGraphModel,
} from "../targets/graph-model.ts";
import type { TfjsClasses } from "../tfjs/classes.ts";
import type { Recorder } from "./recorder.ts";

/** The loops of TF1's control flow that an execution is in, the outermost first. */
interface ExecutionContext {
  readonly currentContext: readonly { readonly frameName: string; readonly iterationId: number }[];
  /** Names the iterations of these loops; "" outside of them. */
  readonly currentContextId?: string;
}

/** What the execution of a graph works on. */
export interface Execution {
  readonly context: ExecutionContext;
  /** The results of nodes, by the node's name and, in a loop, the iteration. */
  readonly results: object;
}

/** Told of a node that is about to run, and of the execution that it is part of, if that is known. */
type NodeListener = (node: GraphNode, execution: Execution | undefined) => void;

/**
 * Makes every node that a GraphModel executes a call in the graph. Returns what ends that. The
 * executor reads a node's `category` right before it runs the node and at no other time. So a
 * getter in its place tells which node the next kernels belong to.
 *
 * @param classes the copies of tfjs-converter whose models are watched.
 * @param onNode called right before each node runs.
 */
export function watchGraphModels(
  recorder: Recorder,
  classes: readonly TfjsClasses[],
  onNode: NodeListener,
): () => void {
  const undo: (() => void)[] = [];
  const watches = new Map<GraphExecutor, ModelWatch>();
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
            watch = new ModelWatch(recorder, onNode, self.executor);
            watches.set(self.executor, watch);
            undo.push(() => watch?.stop());
          }
          return watch.run(run);
        }),
      );
    }
  }
  return () => takeBack(undo);
}

/** A node that runs functions: a loop with its condition and body, a branch with its two sides. */
interface Owner {
  readonly path: readonly string[];
  readonly call: CallId;
  /** The names of the functions. */
  readonly runs: readonly string[];
  /** The function that is the body of a loop; undefined for a branch. */
  readonly body: string | undefined;
  iteration: number;
}

/**
 * Watches the executor of one model, and those of its functions. Nodes of different functions may
 * alternate while some of them wait for values. So a node's scope follows from the function it is
 * in, not from the node that ran before.
 */
class ModelWatch {
  readonly #recorder: Recorder;
  readonly #onNode: NodeListener;
  readonly #undo: (() => void)[] = [];
  /** The nodes that have called none of their functions yet, in the order they began. */
  readonly #waiting = new Set<Owner>();
  /** By list of arguments, the node that calls functions with it. */
  readonly #callers = new WeakMap<object, Owner>();
  /** By execution of a function, the node that called it. */
  readonly #owners = new WeakMap<ExecutionContext, Owner | undefined>();
  /** The node that is calling a function right now. */
  #calling: Owner | undefined;
  readonly #executions = new Map<GraphExecutor, Execution>();
  readonly #nodeNames: readonly string[];
  readonly #functions: ReadonlySet<string>;
  /** The paths of scopes that nodes are in, which those of each scope share. */
  readonly #scopes = new Map<string, readonly string[]>();
  /** How many calls were open when the model began. The calls of its nodes come above. */
  #frames = 0;

  constructor(recorder: Recorder, onNode: NodeListener, executor: GraphExecutor) {
    this.#recorder = recorder;
    this.#onNode = onNode;
    const functions = Object.entries(executor.functionExecutorMap ?? {});
    const executors = [executor, ...functions.map(([, inner]) => inner)];
    this.#nodeNames = executors.flatMap(({ graph }) => Object.keys(graph.nodes));
    this.#functions = new Set(functions.map(([name]) => name));
    for (const each of executors) this.#watch(each);
    for (const [name, inner] of functions) this.#watchCalls(inner, name);
  }

  /** Runs the model. When it ends, the call of its last node ends too. */
  run(execute: () => unknown): unknown {
    const outer = this.#frames;
    const frames = this.#recorder.scopes.depth;
    this.#frames = frames;
    return finishing(execute, () => {
      this.#recorder.scopes.unwind(frames);
      this.#frames = outer;
    });
  }

  stop(): void {
    takeBack(this.#undo);
  }

  #watch(executor: GraphExecutor): void {
    let watchNodes = () => {
      watchNodes = () => {};
      this.#watchNodes(executor);
    };
    // Compiling looks at each node many times, and nodes are slow for V8 once they have getters.
    if (executor.compiledMap?.size) watchNodes();
    const compile = (_: unknown, run: () => unknown) => finishing(run, () => watchNodes());
    // The third argument is the context of the execution, which has the iterations of loops.
    const keepExecution = (_: unknown, run: () => unknown, args: readonly unknown[]) => {
      watchNodes();
      const [, , context, results] = args;
      if (isContext(context) && typeof results === "object" && results !== null) {
        // What calls a function runs its first nodes at once, and the others later.
        if (!this.#owners.has(context)) this.#owners.set(context, this.#calling);
        this.#executions.set(executor, { context, results });
      }
      return run();
    };
    this.#undo.push(wrapMethod(executor, "compile", compile));
    this.#undo.push(wrapMethod(executor, "processStack", keepExecution));
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
        const owner =
          this.#callers.get(given) ?? [...this.#waiting].find(({ runs }) => runs.includes(name));
        const outer = this.#calling;
        this.#calling = owner;
        const results = run() as Promise<object>;
        this.#calling = outer;
        if (owner === undefined) return results;
        this.#waiting.delete(owner);
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
    const begin = (node: GraphNode) => this.#begin(node, executor);
    const watched: PropertyDescriptor = {
      configurable: true,
      enumerable: true,
      get(this: GraphNode) {
        begin(this);
        return originals.get(this)?.value;
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
  #begin(node: GraphNode, executor: GraphExecutor): void {
    this.#recorder.scopes.unwind(this.#frames);
    const execution = this.#executions.get(executor);
    const owner = execution && this.#owners.get(execution.context);
    const names = pathIn(owner).concat(this.#pathOf(node, execution?.context));
    const { op: className } = node;
    const call = this.#recorder.scopes.enterNode({ className, names, parent: owner?.call });
    if (this.#functions.size > 0) this.#noteOwner(node, names, call);
    this.#onNode(node, execution);
  }

  /** Notes which functions a node runs, if any. */
  #noteOwner({ attrParams = {} }: GraphNode, path: readonly string[], call: CallId): void {
    const runs = Object.entries(attrParams).flatMap(([key, { value }]) =>
      typeof value === "string" && this.#functions.has(value) ? [[key, value] as const] : [],
    );
    if (runs.length === 0) return;
    const body = runs.find(([key]) => key === "body")?.[1];
    this.#waiting.add({ path, call, body, runs: runs.map(([, name]) => name), iteration: 0 });
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

/** Runs `finish` when `run` has ended, sync or async, also if it throws. */
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

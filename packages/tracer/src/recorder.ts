import {
  type Attributes,
  annotate,
  bytesOf,
  type CallId,
  type DeviceEvent,
  type Dispatch,
  formatScope,
  type Graph,
  GraphBuilder,
  MAX_CONSTANT_ELEMENTS,
  type Op,
  type OpId,
  type Placement,
  RECORDING,
  type Recording,
  sizeOf,
  type ValueId,
} from "@opcounter/ir";
import type { Tensor, Variable } from "@tensorflow/tfjs";
import { toAttributes } from "./attributes.ts";
import type { Device } from "./devices/device.ts";
import { type DataId, type Engine, isTensor } from "./engine.ts";
import type { GraphSource } from "./evaluate/evaluator.ts";
import { Leaves } from "./evaluate/leaves.ts";
import { MemoryWatch } from "./recorded-memory.ts";
import { storedTypeOf } from "./weights.ts";

/** A tensor that the model owns, as its owner describes it. */
export interface ParamSource {
  readonly tensor: Tensor;
  readonly name: string;
  readonly trainable: boolean;
  readonly role: "weight" | "statistic";
}

/** A scope that the recorder was told of: a layer's call, or the execution of a graph node. */
interface Frame {
  /** Depth of tfjs's own scope stack when the frame was entered, to order the two. */
  readonly depth: number;
  readonly names: readonly string[];
  readonly call: CallId;
  /** A layer's parameters, looked up when a variable is first used. Nodes have none. */
  readonly findParams: (() => readonly ParamSource[]) | undefined;
  /** Of the ops directly inside: all results, the last op's results, what came from outside. */
  readonly produced: Set<ValueId>;
  last: readonly ValueId[];
  readonly taken: Set<ValueId>;
}

/** A kernel that has run and is not yet in the graph. */
interface Execution {
  readonly kernel: string;
  readonly operands: readonly (readonly [name: string, tensor: Tensor])[];
  readonly attrs: Attributes;
  readonly scope: readonly string[];
  readonly frame: Frame | undefined;
  readonly dispatches: Dispatch[];
  readonly nested: Execution[];
  outputs: readonly Tensor[];
  /** The op it became; none where it only calls others. */
  op: OpId | undefined;
}

/** What was recorded, in the order in which it happened, to be found again when it runs again. */
export interface Plan {
  readonly graph: Graph;
  readonly dispatches: readonly Dispatch[];
  /** By execution of a kernel, in the order they begin: the op it became, if any. */
  readonly ops: readonly (OpId | undefined)[];
}

/** The names tfjs gives scopes by itself: anonymous tidies, and its own ops (`conv2d__op`). */
const UNNAMED_SCOPE = "unnamed scope";
const OP_SCOPE_SUFFIX = "__op";

/**
 * Turns what tfjs executes into a graph, while it executes. Between `start` and `stop` every
 * kernel that goes through the engine becomes an op.
 */
export class Recorder {
  readonly builder: GraphBuilder;
  readonly #engine: Engine;
  readonly #device: Device;
  readonly #values = new Map<Tensor["id"], ValueId>();
  /** The value each piece of data held last: for variables that were assigned to, and messages. */
  readonly #valueOfData = new WeakMap<DataId, ValueId>();
  readonly #paramData = new Map<Tensor["id"], DataId>();
  readonly #leaves: Leaves;
  readonly #frames: Frame[] = [];
  readonly #running: Execution[] = [];
  readonly #executions: Execution[] = [];
  readonly #dispatches: Dispatch[] = [];
  readonly #events: { readonly event: DeviceEvent; readonly by: Execution | undefined }[] = [];
  readonly #memory: MemoryWatch;
  readonly #reads: ValueId[] = [];
  readonly #zeros: ReadonlyMap<Tensor["id"], number> | undefined;
  /** What was computed on the host for values that were read in mid-pass. */
  evaluated: Recording["evaluated"];
  #baseDepth = 0;
  #scope: readonly string[] = [];
  /** Names at the end of every scope path; see `within`. */
  #inner: readonly string[] = [];

  /** @param zeros how many elements of each parameter are 0, where that is wanted. */
  constructor(
    engine: Engine,
    device: Device,
    name: string,
    zeros?: ReadonlyMap<Tensor["id"], number>,
  ) {
    this.#zeros = zeros;
    this.#leaves = new Leaves(engine);
    this.#engine = engine;
    this.#device = device;
    this.builder = new GraphBuilder(name, device.name);
    this.#memory = new MemoryWatch(device.backend);
  }

  /** Begins to record. Scopes that are open now are not part of any scope path. */
  start(): void {
    this.#baseDepth = this.#engine.state.scopeStack.length;
    if (this.#device.owned !== undefined) {
      this.#device.owned.onRead = (dataId) => {
        const value = this.#valueOfData.get(dataId);
        if (value !== undefined) this.#reads.push(value);
      };
    }
    const runKernel = this.#engine.runKernel;
    this.#engine.runKernel = (kernel, inputs, attrs) =>
      this.#run(kernel, inputs, attrs ?? {}, () =>
        runKernel.call(this.#engine, kernel, inputs, attrs),
      );
  }

  stop(): void {
    Reflect.deleteProperty(this.#engine, "runKernel");
    if (this.#device.owned !== undefined) this.#device.owned.onRead = undefined;
  }

  /** The graph of what was recorded, which returns these tensors, with its recording. */
  finish(results: readonly Tensor[]): Plan {
    this.builder.setResults(results.map((tensor) => this.valueOf(tensor)));
    const graph = this.builder.build();
    const shaders = new Map<string, string>();
    for (const { shader } of this.#dispatches) {
      const source = shader && this.#device.recorder.shaders.get(shader);
      if (shader && source) shaders.set(shader, source);
    }
    this.#leaves.keepFor(graph);
    annotate(graph, RECORDING, {
      events: this.#events.map(({ event, by }) =>
        by?.op === undefined ? event : { ...event, op: by.op },
      ),
      reads: this.#reads,
      memory: this.#memory.memory,
      shaders,
      ...(this.evaluated === undefined ? {} : { evaluated: this.evaluated }),
    });
    return { graph, dispatches: this.#dispatches, ops: this.#executions.map(({ op }) => op) };
  }

  addInput(name: string, tensor: Tensor): void {
    this.#bindLeaf(tensor, this.builder.input(name, tensor));
  }

  /** Adds a parameter, or finds it: a tensor that several layers share is one parameter. */
  addParam({ tensor, ...facts }: ParamSource): ValueId {
    const known = this.#values.get(tensor.id);
    if (known !== undefined) return known;
    this.#paramData.set(tensor.id, tensor.dataId);
    const stored = storedTypeOf(tensor);
    const zeros = this.#zeros?.get(tensor.id);
    const param = this.builder.param(facts.name, tensor, {
      ...facts,
      ...(stored === undefined ? {} : { stored }),
      ...(zeros === undefined ? {} : { zeros }),
    });
    return this.#bindLeaf(tensor, param);
  }

  /** The value a tensor stands for; one that nothing defined so far is a parameter or a constant. */
  valueOf(tensor: Tensor): ValueId {
    const known = this.#values.get(tensor.id);
    if (known === undefined) return this.#define(tensor);
    const initialData = this.#paramData.get(tensor.id);
    if (initialData !== undefined && initialData !== tensor.dataId) {
      // A variable that was assigned to since: it stands for what it was assigned.
      return this.#valueOfData.get(tensor.dataId) ?? this.#defineConstant(tensor);
    }
    return known;
  }

  /** Begins a layer's call. It ends with `leave`. */
  enterLayer(
    className: string,
    name: string,
    inputs: readonly Tensor[],
    findParams: () => readonly ParamSource[],
  ): void {
    const values = inputs.map((tensor) => this.valueOf(tensor));
    const path = name.split("/").filter((part) => part !== "");
    this.#enter("layer", className, path, values, { findParams });
  }

  /**
   * Begins the execution of a graph node. It ends when the frames are unwound past it.
   *
   * @param parent the call it is part of, where that is not the innermost that is open.
   */
  enterNode(op: string, path: readonly string[], parent?: CallId): CallId {
    return this.#enter("node", op, path, [], { parent });
  }

  /** Ends the innermost layer's call. */
  leave(outputs: readonly Tensor[], params: readonly ParamSource[]): void {
    const frame = this.#frames.pop();
    if (frame === undefined) return;
    this.builder.endCall(frame.call, {
      results: outputs.map((tensor) => this.valueOf(tensor)),
      params: params.map((param) => this.addParam(param)),
    });
  }

  /** The scope path at this moment. */
  get scope(): readonly string[] {
    return this.#currentScope();
  }

  /** Runs something with these names added to the scope path. */
  within<T>(names: readonly string[], run: () => T): T {
    const outer = this.#inner;
    this.#inner = names;
    try {
      return run();
    } finally {
      this.#inner = outer;
    }
  }

  /** How many frames are open, for `unwind`. */
  get frameCount(): number {
    return this.#frames.length;
  }

  /** Ends the frames above `count`: nodes, and layers that threw, which have no results. */
  unwind(count: number): void {
    while (this.#frames.length > count) {
      const frame = this.#frames.pop();
      if (frame === undefined || frame.findParams !== undefined) continue;
      this.builder.endCall(frame.call, { inputs: [...frame.taken], results: frame.last });
    }
  }

  /** The value that a piece of data held last; undefined for what a kernel made for itself. */
  valueOfData(dataId: DataId): ValueId | undefined {
    return this.#valueOfData.get(dataId);
  }

  /** The graph so far, to be computed on the host. */
  readonly source: GraphSource = {
    value: (id) => this.builder.typeOf(id),
    op: (id) => {
      const op = this.builder.opOf(id);
      if (op === undefined) throw new RangeError(`no op ${id} is recorded`);
      return op;
    },
    given: (value) => this.#leaves.valuesOf(value),
  };

  /** The op that made this data, for messages: `op 12 (Relu) in scope "features/relu0"`. */
  describeSource(dataId: DataId): string {
    const id = this.#valueOfData.get(dataId);
    const value = id === undefined ? undefined : this.builder.typeOf(id);
    const op = value?.kind === "result" ? this.builder.opOf(value.op) : undefined;
    if (op !== undefined) return describeOp(op);
    const running = this.runningKernel;
    return running === undefined ? "an op outside the trace" : `kernel ${running}`;
  }

  /** The kernel that is executing, for messages. */
  get runningKernel(): string | undefined {
    return this.#running.at(-1)?.kernel;
  }

  #enter(
    kind: "layer" | "node",
    className: string,
    names: readonly string[],
    inputs: readonly ValueId[],
    {
      findParams,
      parent = this.#frames.at(-1)?.call,
    }: { findParams?: Frame["findParams"]; parent?: CallId | undefined },
  ): CallId {
    const call = this.builder.beginCall({
      kind,
      className,
      scope: [...this.#currentScope(), ...names],
      ...(parent === undefined ? {} : { parent }),
      inputs,
      params: [],
    });
    const depth = this.#engine.state.scopeStack.length;
    const sets = { produced: new Set<ValueId>(), taken: new Set<ValueId>(), last: [] };
    this.#frames.push({ depth, names, call, findParams, ...sets });
    return call;
  }

  #run(
    kernel: string,
    inputs: object,
    attrs: object,
    execute: () => Tensor | Tensor[],
  ): Tensor | Tensor[] {
    this.#creditActivity();
    const outer = this.#running.at(-1);
    const operands = namedTensors(inputs);
    // Resolved before the kernel runs: afterwards a constant's values may be on the device only.
    // Inside another kernel an operand may be that kernel's own result, which has no value yet.
    if (outer === undefined) for (const [, tensor] of operands) this.valueOf(tensor);
    const execution: Execution = {
      kernel,
      operands,
      attrs: toAttributes(attrs),
      scope: this.#currentScope(),
      frame: this.#frames.at(-1),
      dispatches: [],
      nested: [],
      outputs: [],
      op: undefined,
    };
    this.#executions.push(execution);
    this.#running.push(execution);
    try {
      const outputs = execute();
      execution.outputs = Array.isArray(outputs) ? outputs : [outputs];
      this.#creditActivity();
      this.#memory.sample();
      if (outer === undefined) this.#record(execution);
      else outer.nested.push(execution);
      return outputs;
    } finally {
      this.#running.pop();
    }
  }

  /** Credits what happened on the device since the last call to the kernel that is running. */
  #creditActivity(): void {
    const { dispatches, events } = this.#device.recorder.take();
    const by = this.#running.at(-1);
    by?.dispatches.push(...dispatches);
    this.#dispatches.push(...dispatches);
    for (const event of events) this.#events.push({ event, by });
  }

  /**
   * Puts an execution and those inside it into the graph. A kernel that only calls others and
   * returns their results is not an op itself; clones of a kernel's results that tfjs saves for
   * the backward pass, made inside the kernel, come after it.
   */
  #record(execution: Execution): void {
    const inner = new Set(execution.nested.flatMap(({ outputs }) => outputs.map(({ id }) => id)));
    const isComposite = execution.outputs.some(({ id }) => inner.has(id));
    if (!isComposite) this.#append(execution);
    // What it dispatched itself is the last one's that it calls, so that nothing is lost.
    else execution.nested.at(-1)?.dispatches.push(...execution.dispatches);
    for (const nested of execution.nested) this.#record(nested);
  }

  #append(execution: Execution): void {
    const { kernel, operands, attrs, scope, frame, dispatches, outputs } = execution;
    const placement = this.#placementOf(operands, outputs, dispatches);
    const ids = operands.map(([name, tensor]) => [name, this.valueOf(tensor)] as const);
    execution.op = this.builder.opCount;
    const results = this.builder.op({
      kernel,
      operands: Object.fromEntries(ids),
      attrs,
      results: outputs,
      scope,
      ...(frame === undefined ? {} : { call: frame.call }),
      placement,
      dispatches,
    });
    if (frame !== undefined) {
      for (const [, id] of ids) if (!frame.produced.has(id)) frame.taken.add(id);
      for (const id of results) frame.produced.add(id);
      frame.last = results;
    }
    outputs.forEach((tensor, index) => {
      const id = results[index];
      if (id !== undefined) this.#bind(tensor, id);
    });
  }

  #placementOf(
    operands: Execution["operands"],
    outputs: readonly Tensor[],
    dispatches: readonly Dispatch[],
  ): Placement {
    if (dispatches.length > 0) return "gpu";
    const sources = new Set<DataId>(operands.map(([, tensor]) => tensor.dataId));
    const { tensorMap } = this.#device.backend;
    const isView = outputs.every(({ dataId }) => {
      if (sources.has(dataId)) return true;
      const data = tensorMap.has(dataId) ? tensorMap.get(dataId) : undefined;
      // On the device without a dispatch: a part of a complex tensor, or the pair of its parts.
      return data?.resource != null || data?.complexTensorInfos != null;
    });
    return isView && outputs.length > 0 ? "view" : "cpu";
  }

  #bind(tensor: Tensor, id: ValueId): ValueId {
    this.#values.set(tensor.id, id);
    this.#valueOfData.set(tensor.dataId, id);
    return id;
  }

  #define(tensor: Tensor): ValueId {
    for (const frame of [...this.#frames].reverse()) {
      const params = frame.findParams?.() ?? [];
      if (!params.some((param) => param.tensor.id === tensor.id)) continue;
      for (const param of params) this.addParam(param);
      return this.valueOf(tensor);
    }
    if (isVariable(tensor)) {
      // One that was assigned to before it was first used stands for what it was assigned.
      const assigned = this.#valueOfData.get(tensor.dataId);
      if (assigned !== undefined) return assigned;
      const { name, trainable } = tensor;
      return this.addParam({ tensor, name, trainable, role: "weight" });
    }
    return this.#defineConstant(tensor);
  }

  /** Tells the memory watch of a tensor that was on the device before the pass. */
  #claim(tensor: Tensor): void {
    const { tensorMap } = this.#device.backend;
    const data = tensorMap.has(tensor.dataId) ? tensorMap.get(tensor.dataId) : undefined;
    if (data?.resource != null) this.#memory.claim(bytesOf(tensor));
  }

  #defineConstant(tensor: Tensor): ValueId {
    return this.#bindLeaf(tensor, this.builder.constant(tensor, this.#smallData(tensor)));
  }

  /** Binds a value that was there before the pass: its buffer, if any, is the pass's, too. */
  #bindLeaf(tensor: Tensor, id: ValueId): ValueId {
    this.#claim(tensor);
    this.#leaves.add(id, tensor);
    return this.#bind(tensor, id);
  }

  /** The elements of a small tensor whose values the host holds. */
  #smallData(tensor: Tensor): (number | string)[] | undefined {
    if (sizeOf(tensor.shape) > MAX_CONSTANT_ELEMENTS || tensor.dtype === "complex64") {
      return undefined;
    }
    // Makes data of another backend visible on the device, as the kernel that follows would.
    const { values } = this.#device.backend.tensorMap.get(tensor.dataId);
    if (values == null) return undefined;
    const text = new TextDecoder();
    return Array.from(values, (element: number | string | Uint8Array) =>
      element instanceof Uint8Array ? text.decode(element) : element,
    );
  }

  /** The scope path at this moment: tfjs's named scopes and the recorder's frames, interleaved. */
  #currentScope(): readonly string[] {
    const path: string[] = [];
    const { scopeStack } = this.#engine.state;
    let next = 0;
    for (let depth = this.#baseDepth; depth <= scopeStack.length; depth++) {
      for (let frame = this.#frames[next]; frame !== undefined; frame = this.#frames[++next]) {
        if (frame.depth > depth) break;
        path.push(...frame.names);
      }
      const name = scopeStack[depth]?.name;
      if (name !== undefined && name !== UNNAMED_SCOPE && !name.endsWith(OP_SCOPE_SUFFIX)) {
        path.push(...name.split("/"));
      }
    }
    path.push(...this.#inner);
    // Neighbouring ops share one array: a graph of a million ops has few scopes.
    const unchanged =
      path.length === this.#scope.length && path.every((name, i) => name === this.#scope[i]);
    if (!unchanged) this.#scope = path;
    return this.#scope;
  }
}

/** An op as messages name it: `op 12 (Relu) in scope "features/relu0"`. */
export function describeOp(op: Op): string {
  const scope = op.scope.length === 0 ? "" : ` in scope "${formatScope(op.scope)}"`;
  return `op ${op.id} (${op.kernel})${scope}`;
}

/**
 * The tensors among a kernel's inputs, named as the IR names operands: those of a list `splits` are
 * `splits.0`, `splits.1`, …. What is no tensor, such as an image or an absent bias, is no operand.
 */
function namedTensors(inputs: object): [name: string, tensor: Tensor][] {
  return Object.entries(inputs).flatMap(([name, input]: [string, unknown]) => {
    const isList = Array.isArray(input);
    const entries = isList ? input.map((item, i) => [`${name}.${i}`, item]) : [[name, input]];
    return entries.filter((entry): entry is [string, Tensor] => isTensor(entry[1]));
  });
}

function isVariable(tensor: Tensor): tensor is Variable {
  return "assign" in tensor && "trainable" in tensor;
}

import {
  type Attributes,
  annotate,
  type Dispatch,
  describeOp,
  elementAt,
  type Graph,
  GraphBuilder,
  LINES,
  NOTES,
  type Op,
  type Operands,
  type OpId,
  type OpSpec,
  type Placement,
  RECORDING,
  type SourceLine,
  type ValueId,
} from "@opcounter/ir/core";
import type { Tensor } from "@tensorflow/tfjs-core";
import type { ReadListener } from "../devices/backend.ts";
import type { Device } from "../devices/device.ts";
import type { GraphSource } from "../evaluate/evaluator.ts";
import { onCpu } from "../evaluate/host-backends.ts";
import { own } from "../patches/patch.ts";
import type { ProgramState } from "../session/program-state.ts";
import type { Layer } from "../targets/layer.ts";
import type { DataId, Engine } from "../tfjs/engine.ts";
import { toAttributes } from "./attributes.ts";
import { HeldConstants, type ParametersOption } from "./held-constants.ts";
import { MemoryWatch, NO_RUN } from "./memory.ts";
import { type NamedTensor, namedTensors } from "./named-tensors.ts";
import { type OtherParts, recordingWhenAsked } from "./recording-parts.ts";
import { type Frame, Scopes } from "./scopes.ts";
import { Values } from "./values.ts";

/** Where in the program something runs. */
export interface Place {
  readonly scope: readonly string[];
  /** The innermost call that is open. */
  readonly frame: Frame | undefined;
  /** The line of the program's source, if lines are recorded. */
  readonly line: SourceLine | undefined;
}

/** One run of a kernel, until it is in the graph. */
interface Execution extends Place {
  /** Its place among the runs, in the order they begin. */
  readonly run: number;
  readonly kernel: string;
  readonly operands: readonly NamedTensor[];
  /** Their values; undefined for a kernel inside another, until that ends. */
  readonly ids: Operands | undefined;
  readonly attrs: Attributes;
  dispatches: readonly Dispatch[];
  /** The kernels that it called; undefined where it called none. */
  nested: Execution[] | undefined;
  outputs: readonly Tensor[];
}

/** An op that ran, without where and with what results. */
type RanOp = Required<Pick<OpSpec, "kernel" | "operands" | "attrs" | "placement" | "dispatches">>;

/** What was recorded, in order of execution. Timing runs it again and compares. */
export interface Plan {
  readonly graph: Graph;
  readonly dispatches: readonly Dispatch[];
  /** One entry per run of a kernel, in the order they begin: the op it became, if any. */
  readonly ops: readonly (OpId | undefined)[];
}

/**
 * Builds the graph while tfjs runs. Between `start` and `stop` every kernel that the engine runs
 * becomes an op.
 */
export class Recorder implements ReadListener {
  readonly builder: GraphBuilder;
  readonly #engine: Engine;
  readonly #device: Device;
  /** What is open while the program runs. */
  readonly scopes: Scopes;
  /** The constants that the program had before the pass. */
  readonly held: HeldConstants;
  /** Which value each tensor stands for. */
  readonly values: Values;
  readonly #running: Execution[] = [];
  /** By run of a kernel, the op it became; undefined for a kernel that only calls others. */
  readonly #ops: (OpId | undefined)[] = [];
  /** How much of the device's log is credited. */
  readonly #credited = { dispatches: 0, taken: 0 };
  /** By event, the run that caused it, or `NO_RUN`. Runs themselves would hold on to tensors. */
  readonly #causes: number[] = [];
  readonly #memory: MemoryWatch;
  readonly #reads: ValueId[] = [];
  readonly #lineNow: (() => SourceLine | undefined) | undefined;
  readonly #lines = new Map<OpId, SourceLine>();
  /** Whether kernels and calls go unrecorded now. */
  isPaused = false;
  #giveBackRunKernel: (() => void) | undefined;
  /** Whether tfjs took a gradient outside all scopes; see `Recording`. */
  isTraining = false;

  /**
   * @param zeros how many elements of each parameter are 0, where that is wanted.
   * @param lineNow gives the line of the program that is running, where lines are wanted.
   */
  constructor(
    engine: Engine,
    device: Device,
    name: string,
    state: ProgramState,
    parameters: ParametersOption,
    zeros?: ReadonlyMap<Tensor["id"], number>,
    lineNow?: () => SourceLine | undefined,
  ) {
    this.#lineNow = lineNow;
    this.held = new HeldConstants(engine, parameters);
    this.#engine = engine;
    this.#device = device;
    this.#memory = new MemoryWatch(device.recorder);
    this.builder = new GraphBuilder(name, device.name);
    this.scopes = new Scopes(engine, this.builder);
    const { builder, scopes, held } = this;
    this.values = new Values({ engine, device, builder, scopes, state, held, zeros });
  }

  /**
   * Begins to record. Scopes that are open now are not part of any scope path.
   *
   * @param onKernel called before each kernel; what it throws, the kernel throws.
   */
  start(onKernel: () => void): void {
    this.scopes.start();
    if (this.#device.owned !== undefined) this.#device.owned.readListener = this;
    const { runKernel } = this.#engine;
    const recorded: typeof runKernel = (kernel, inputs, attrs) => {
      onKernel();
      const execution = this.isPaused ? undefined : this.#begin(kernel, inputs, attrs ?? {});
      if (execution === undefined) return runKernel.call(this.#engine, kernel, inputs, attrs);
      try {
        const outputs = runKernel.call(this.#engine, kernel, inputs, attrs);
        this.#end(execution, Array.isArray(outputs) ? outputs : [outputs]);
        return outputs;
      } finally {
        this.#running.pop();
      }
    };
    this.#giveBackRunKernel = own(this.#engine, "runKernel", recorded);
  }

  /** Notes that the program read the values of data. */
  dataRead(dataId: DataId): void {
    const value = this.values.ofData(dataId);
    if (value !== undefined) this.#reads.push(value);
  }

  /** Runs a body whose kernels are no ops of the graph: on tfjs's cpu backend. */
  readonly apart = <T>(body: () => T): T => {
    this.isPaused = true;
    try {
      return onCpu(this.#engine, body);
    } finally {
      this.isPaused = false;
    }
  };

  stop(): void {
    this.#giveBackRunKernel?.();
    if (this.#device.owned !== undefined) this.#device.owned.readListener = undefined;
  }

  /**
   * The recorded graph, which returns these tensors. Its annotations have the recording.
   *
   * @param others gives what else the recording has.
   */
  finish(results: readonly Tensor[], others: (graph: Graph) => OtherParts): Plan {
    this.builder.setResults(results.map((tensor) => this.values.of(tensor)));
    for (const id of this.values.slots()) this.builder.markSlot(id);
    const graph = this.builder.build();
    const { dispatches, events } = this.#device.recorder.log;
    const shaders = new Map<string, string>();
    for (const { shader } of dispatches) {
      if (shader === undefined || shaders.has(shader)) continue;
      const source = this.#device.recorder.shaders.get(shader);
      if (source !== undefined) shaders.set(shader, source);
    }
    this.values.leaves.keepFor(graph);
    const notes = this.held.notes(graph);
    if (notes.length > 0) annotate(graph, NOTES, notes);
    if (this.#lineNow !== undefined) annotate(graph, LINES, this.#lines);
    const recording = recordingWhenAsked({
      events,
      causes: this.#causes,
      ops: this.#ops,
      reads: this.#reads,
      madeConstants: this.held.made,
      isTraining: this.isTraining,
      memory: this.#memory.memory(this.values.lookup(), this.#ops),
      shaders,
      ...others(graph),
    });
    annotate(graph, RECORDING, recording);
    return { graph, dispatches, ops: this.#ops };
  }

  /** Begins a layer's call. It ends with `leaveLayer`. */
  enterLayer(layer: Layer, inputs: readonly Tensor[]): void {
    this.scopes.enterLayer(
      layer,
      inputs.map((tensor) => this.values.of(tensor)),
    );
  }

  /** Ends the call of a layer, the innermost. */
  leaveLayer(layer: Layer, outputs: readonly Tensor[]): void {
    this.scopes.leaveLayer({
      results: outputs.map((tensor) => this.values.of(tensor)),
      params: this.values.paramsOf(layer),
    });
  }

  /** The graph so far, to be computed on the host. */
  readonly source: GraphSource = {
    value: (id) => this.builder.typeOf(id),
    op: (id) => {
      const op = this.builder.opOf(id);
      if (op === undefined) throw new RangeError(`no op ${id} is recorded`);
      return op;
    },
    given: (value) => this.values.leaves.valuesOf(value),
    origin: (id) => this.values.origin(id),
  };

  /** The op that made a tensor; undefined where none did. */
  makerOf(tensor: Tensor): Op | undefined {
    const id = this.values.ofTensor(tensor.id);
    const value = id === undefined ? undefined : this.builder.typeOf(id);
    return value?.kind === "result" ? this.builder.opOf(value.op) : undefined;
  }

  /** The op that made this data, for messages: `op 12 (Relu) in scope "features/relu0"`. */
  describeSource(dataId: DataId): string {
    const id = this.values.ofData(dataId);
    const value = id === undefined ? undefined : this.builder.typeOf(id);
    const op = value?.kind === "result" ? this.builder.opOf(value.op) : undefined;
    if (op !== undefined) return describeOp(op);
    const running = this.runningKernel;
    return running === undefined ? "an op outside the trace" : `kernel ${running}`;
  }

  /** Where the program is now. */
  get place(): Place {
    return { scope: this.scopes.path, frame: this.scopes.innermost, line: this.#lineNow?.() };
  }

  /** The kernel that is executing, for messages. */
  get runningKernel(): string | undefined {
    return this.#running.at(-1)?.kernel;
  }

  /** Notes a kernel that begins. */
  #begin(kernel: string, inputs: object, attrs: object): Execution {
    this.#creditActivity();
    const isOuter = this.#running.length === 0;
    const operands = namedTensors(inputs);
    // Operands are resolved before the kernel runs, since afterwards a constant's values may be on
    // the device only. Inside another kernel an operand may be a result that has no value yet.
    const ids = isOuter ? this.#idsOf(operands) : undefined;
    // Field by field: spreading takes longer, and a pass has hundreds of kernels.
    const execution: Execution = {
      run: this.#ops.push(undefined) - 1,
      kernel,
      operands,
      ids,
      attrs: toAttributes(attrs),
      scope: this.scopes.path,
      frame: this.scopes.innermost,
      line: this.#lineNow?.(),
      dispatches: [],
      nested: undefined,
      outputs: [],
    };
    this.#running.push(execution);
    return execution;
  }

  /** Notes what a kernel gave. Each that ran inside another waits for the other's end. */
  #end(execution: Execution, outputs: readonly Tensor[]): void {
    const outer = this.#running.at(-2);
    execution.outputs = outputs;
    this.#creditActivity();
    for (const { tensor } of execution.operands) this.#seen(tensor);
    for (const tensor of outputs) this.#seen(tensor);
    if (outer === undefined) this.#record(execution);
    else if (outer.nested === undefined) outer.nested = [execution];
    else outer.nested.push(execution);
  }

  #seen({ dtype, dataId }: Tensor): void {
    if (dtype !== "complex64") return;
    for (const part of this.#partsOf(dataId)) this.#memory.isPart(part, dataId);
  }

  /** Credits what happened on the device since the last call of this to the running kernel. */
  #creditActivity(): void {
    const { dispatches, events, taken } = this.#device.recorder.log;
    const by = this.#running.at(-1);
    const run = by?.run ?? NO_RUN;
    const credited = this.#credited;
    for (; credited.taken < taken.length; credited.taken++) {
      this.#memory.taken(elementAt(taken, credited.taken), run);
    }
    if (credited.dispatches < dispatches.length) {
      // A slice has no room to spare, as an array has that grows.
      if (by !== undefined) {
        by.dispatches = by.dispatches.concat(dispatches.slice(credited.dispatches));
      }
      credited.dispatches = dispatches.length;
    }
    while (this.#causes.length < events.length) this.#causes.push(run);
  }

  /**
   * Puts an execution and those inside it into the graph. A kernel that only calls others and
   * returns their results is no op. tfjs may clone a kernel's results inside the kernel, for the
   * backward pass; the clones come after the kernel's op.
   */
  #record(execution: Execution): void {
    const { nested } = execution;
    if (nested === undefined) {
      this.#append(execution);
      return;
    }
    const inner = new Set(nested.flatMap(({ outputs }) => outputs.map(({ id }) => id)));
    const isComposite = execution.outputs.some(({ id }) => inner.has(id));
    if (!isComposite) this.#append(execution);
    else {
      // Its own dispatches go to the last kernel that it calls, so that none is lost.
      const last = elementAt(nested, nested.length - 1);
      last.dispatches = last.dispatches.concat(execution.dispatches);
    }
    for (const each of nested) this.#record(each);
  }

  #append(execution: Execution): void {
    const { kernel, operands, attrs, dispatches, outputs } = execution;
    const placement = this.#placementOf(operands, outputs, dispatches);
    const ids = execution.ids ?? this.#idsOf(operands);
    this.#ops[execution.run] = this.append(
      { kernel, operands: ids, attrs, placement, dispatches },
      execution,
      outputs,
    );
  }

  #idsOf(operands: Execution["operands"]): Operands {
    const ids: Record<string, ValueId> = {};
    for (const { name, tensor } of operands) ids[name] = this.values.of(tensor);
    return ids;
  }

  /** Appends an op that ran at this place, and binds the tensors that it gave. */
  append(
    { kernel, operands, attrs, placement, dispatches }: RanOp,
    { scope, frame, line }: Place,
    outputs: readonly Tensor[],
  ): OpId {
    const op = this.builder.opCount;
    const call = frame?.call;
    const spec = { kernel, operands, attrs, results: outputs, scope, call, placement, dispatches };
    const results = this.builder.op(spec);
    if (line !== undefined) this.#lines.set(op, line);
    if (frame !== undefined) this.scopes.add(frame, operands, results);
    for (let index = 0; index < results.length; index++) {
      this.values.bind(elementAt(outputs, index), elementAt(results, index));
    }
    return op;
  }

  #placementOf(
    operands: Execution["operands"],
    outputs: readonly Tensor[],
    dispatches: readonly Dispatch[],
  ): Placement {
    if (dispatches.length > 0) return "gpu";
    const isShared = (data: DataId) =>
      operands.some(
        ({ tensor: { dataId } }) => dataId === data || this.#partsOf(dataId).includes(data),
      );
    const isView = outputs.every(
      ({ dataId }) => isShared(dataId) || this.#partsOf(dataId).some(isShared),
    );
    return isView && outputs.length > 0 ? "view" : "cpu";
  }

  /** The parts of complex data, which other tensors may share. */
  #partsOf(dataId: DataId): DataId[] {
    const { tensorMap } = this.#device.backend;
    const parts = tensorMap.has(dataId) ? tensorMap.get(dataId).complexTensorInfos : undefined;
    return parts == null ? [] : Object.values(parts).map((part) => part.dataId);
  }
}

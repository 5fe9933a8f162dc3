import { type Graph, UserError } from "@opcounter/ir/core";
import type { GraphModel as TfjsGraphModel } from "@tensorflow/tfjs-converter";
import type { NamedTensorMap, Tensor } from "@tensorflow/tfjs-core";
import type { LayersModel } from "@tensorflow/tfjs-layers";
import { type Device, type DeviceName, openDevice } from "./devices/device.ts";
import { loadHostBackends } from "./evaluate/host-backends.ts";
import { countZeros } from "./loading/stored-types.ts";
import { withUndo } from "./patches/undo.ts";
import { checkValuesOption, ReadsOfUnknown, type ValuesOption } from "./recording/reads.ts";
import { type Plan, Recorder } from "./recording/recorder.ts";
import { watchGradients } from "./recording/watch-gradients.ts";
import {
  type GraphModel,
  isGraphModel,
  paramsOfGraphModel,
  watchGraphModels,
} from "./recording/watch-graph-models.ts";
import {
  isLayer,
  type Layer,
  paramsOfLayer,
  tensorsIn,
  watchLayers,
} from "./recording/watch-layers.ts";
import { ProgramState } from "./session/program-state.ts";
import { withBackend } from "./session/session.ts";
import { checkInputs, type ModelInputs, mapInputs, namedInputs } from "./targets/inputs.ts";
import { loadedClasses, type TfjsClasses } from "./tfjs/classes.ts";
import { aliasOf, type Engine, engine, enterScope, isTensor, isVariable } from "./tfjs/engine.ts";
import { type TimingOptions, withTimes } from "./timing/timing.ts";

/**
 * A function of tensors, sync or async. What it returns is searched for tensors, through arrays,
 * records, Maps and Sets: the results.
 */
// biome-ignore lint/suspicious/noExplicitAny: any parameter list of tensors is accepted, and only `any` says so.
export type TensorFunction = (...inputs: any[]) => unknown;

/** What can be traced. */
export type Target = LayersModel | TfjsGraphModel | TensorFunction;

export interface TraceOptions {
  /** Where to run; `auto` by default. A device that `openDevice` gave is taken as it is. */
  readonly device?: DeviceName | Device;
  /** The graph's name; by default the model's or the function's. */
  readonly name?: string;
  /** Whether to count the zeros in each parameter, for effective MACs. */
  readonly sparsity?: boolean;
  /** Whether to run the target again to measure how long its dispatches take on the device. */
  readonly time?: TimingOptions;
  /**
   * What a read in mid-pass of a value does that the virtual device did not compute: `on-demand`, the
   * default, computes it on the host with all that it depends on; `none` makes it an error.
   */
  readonly values?: ValuesOption;
  /** What the inputs of a function are called, in order; `input0` and so on by default. */
  readonly inputNames?: readonly string[];
  /**
   * The copy of TensorFlow.js whose layers and graph models a function runs, where it is neither
   * the installed one nor a page's global `tf`.
   */
  readonly tf?: TfjsClasses;
}

/** Marks the engine while a trace runs on it, whichever copy of this module started it. */
const TRACING = Symbol.for("opcounter.tracing");

/**
 * Runs the target once and records every kernel it executes.
 *
 * tfjs is left as it was found, also when the target throws: its active backend, the data of
 * every tensor that existed, what variables and stateful layers hold, and the tensors made meanwhile,
 * which are disposed (those kept with `tf.keep` stay, and variables, with what they held first).
 *
 * @param target a LayersModel (its inference pass), a GraphModel, or a function of tensors.
 * @param inputs the tensors to run it on, in order or by name. A function gets them as arguments;
 *   inputs by name reach it as one record.
 * @throws UserError where inputs do not fit the model, where the device cannot be had, where
 *   another trace is running, where tfjs falls back to another backend, and where a value that
 *   the virtual device did not compute is read. What the target throws passes through.
 */
export async function trace(
  target: Target,
  inputs: ModelInputs = [],
  options: TraceOptions = {},
): Promise<Graph> {
  const tfEngine = engine();
  if (Reflect.has(tfEngine, TRACING)) {
    throw new UserError(
      "A trace is already running, and all of TensorFlow.js shares one engine; await it before the next begins.",
    );
  }
  Reflect.set(tfEngine, TRACING, true);
  try {
    checkTarget(target);
    checkValuesOption(options.values);
    const device =
      typeof options.device === "object" ? options.device : await openDevice(options.device);
    checkInputs(target, inputs, options.inputNames);
    const zeros = options.sparsity ? await countZeros(weightsAround(target)) : undefined;
    // A function may read synchronously, and then there is no time to load anything.
    const isFunction = typeof target === "function";
    if (device.virtual !== undefined && isFunction) await loadHostBackends();
    // A model tells its own class, and seldom runs another's; a function tells nothing.
    const classes = await loadedClasses(tfEngine, options.tf, { required: isFunction });
    return await withBackend(device, () =>
      withInputs(tfEngine, inputs, (own) =>
        withUndo(async (later) => {
          const state = new ProgramState(tfEngine);
          later(() => state.restore());
          const plan = await record({
            tfEngine,
            device,
            target,
            inputs: own,
            state,
            zeros,
            classes,
            options,
          });
          if (options.time === undefined) return plan.graph;
          return await withTimes(plan, tfEngine, device, () => run(target, own), options.time);
        }),
      ),
    );
  } finally {
    Reflect.deleteProperty(tfEngine, TRACING);
  }
}

/**
 * Runs `body` with tensors of its own of the same data, so that one that is given twice, or that the
 * program also has from elsewhere, is an input of its own. What the program disposes of is disposed
 * of. Variables stay what they are, since a program may assign to them.
 */
async function withInputs<T>(
  tfEngine: Engine,
  inputs: ModelInputs,
  body: (inputs: ModelInputs) => Promise<T>,
): Promise<T> {
  const aliases = new Map<Tensor, Tensor>();
  const given = new Set<Tensor>();
  const own = mapInputs(inputs, (tensor) => {
    if (isVariable(tensor) && !given.has(tensor)) {
      given.add(tensor);
      return tensor;
    }
    const alias = aliasOf(tfEngine, tensor);
    aliases.set(alias, tensor);
    return alias;
  });
  try {
    return await body(own);
  } finally {
    for (const [alias, tensor] of aliases) {
      if (alias.isDisposed) tensor.dispose();
      alias.dispose();
    }
  }
}

/** The weights of a model, and of whatever else was made before: a function may use any variable. */
function weightsAround(target: Target): Tensor[] {
  const owned = isGraphModel(target)
    ? paramsOfGraphModel(target)
    : isLayer(target)
      ? paramsOfLayer(target)
      : [];
  return [
    ...owned.map(({ tensor }) => tensor),
    ...Object.values(engine().state.registeredVariables),
  ];
}

interface Recorded {
  readonly tfEngine: Engine;
  readonly device: Device;
  readonly target: Target;
  readonly inputs: ModelInputs;
  readonly state: ProgramState;
  readonly zeros: ReadonlyMap<Tensor["id"], number> | undefined;
  readonly classes: readonly TfjsClasses[];
  readonly options: TraceOptions;
}

async function record({
  tfEngine,
  device,
  target,
  inputs,
  state,
  zeros,
  classes,
  options,
}: Recorded): Promise<Plan> {
  const { name = nameOf(target), values = "on-demand", inputNames } = options;
  return withUndo(async (later) => {
    const recorder = new Recorder(tfEngine, device, name, state, zeros);
    const unknown = new ReadsOfUnknown(recorder, device, values);
    later(() => unknown.stop());
    flush(device);
    device.recorder.start();
    later(() => device.recorder.stop());
    later(() => flush(device));
    const scope = enterScope(tfEngine);
    later(scope.leave);
    recorder.start();
    later(() => recorder.stop());
    const ownLayer = isLayer(target) ? target : undefined;
    later(watchLayers(recorder, ownLayer, classes, (layer) => state.holdStates(layer)));
    later(watchGraphModels(recorder, isGraphModel(target) ? target : undefined, classes));
    later(watchGradients(recorder, tfEngine));
    for (const input of namedInputs(target, inputs, inputNames)) {
      recorder.values.addInput(input.name, input.tensor);
    }
    if (isLayer(target)) for (const param of paramsOfLayer(target)) recorder.values.addParam(param);
    if (isGraphModel(target)) {
      for (const param of paramsOfGraphModel(target)) recorder.values.addParam(param);
    }
    const running = run(target, inputs, () => recorder.builder.opCount > 0);
    const outputs = await running.finally(() => device.recorder.readsEnd()).finally(scope.check);
    unknown.rethrow();
    assertOnDevice(tfEngine, device);
    recorder.evaluated = unknown.stop();
    const plan = recorder.finish(tensorsIn(outputs, refuseHidden));
    await unknown.giveValues(state.initialValuesOfNew);
    return plan;
  });
}

/** @param hasRun whether a kernel has been executed since the run began. */
async function run(
  target: Target,
  inputs: ModelInputs,
  hasRun: () => boolean = () => false,
): Promise<unknown> {
  if (isGraphModel(target)) return runGraphModel(target, inputs, hasRun);
  if (isLayersModel(target)) {
    const tensors = namedInputs(target, inputs).map(({ tensor }) => tensor);
    // `call`, not `predict`: predict slices its inputs into batches and joins the outputs again,
    // which is no part of the model.
    return target.call(tensors, {});
  }
  if (typeof target !== "function") throw unknownTarget();
  return Array.isArray(inputs) ? target(...inputs) : target(inputs);
}

async function runGraphModel(
  model: GraphModel,
  inputs: ModelInputs,
  hasRun: () => boolean,
): Promise<unknown> {
  const argument = Array.isArray(inputs) ? [...inputs] : (inputs as NamedTensorMap);
  try {
    return model.execute(argument);
  } catch (error) {
    // The executor refuses graphs with control flow before it runs any of their nodes.
    const isDynamic = error instanceof Error && error.message.includes("executeAsync");
    if (!isDynamic || hasRun()) throw error;
    return await model.executeAsync(argument);
  }
}

/** Refuses an object among the results of whose tensors nobody can say whether they are results, too. */
function refuseHidden(object: object): void {
  // An array of numbers would be a long list of values.
  if (ArrayBuffer.isView(object)) return;
  const isPromise = object instanceof Promise;
  if (!isPromise && !Object.values(object).some(isTensor)) return;
  const what = isPromise
    ? "a Promise"
    : `tensors in an object of the class ${object.constructor?.name}`;
  const remedy = isPromise ? "await it (Promise.all() awaits several)" : "return the tensors";
  throw new UserError(
    `The traced program returns ${what}, and results are looked for in arrays, records, Maps and Sets; ${remedy}.`,
  );
}

/** tfjs falls back to another backend without a word; a trace of that would be wrong. */
function assertOnDevice(tfEngine: Engine, { backend }: Device): void {
  if (tfEngine.backendName !== "webgpu" || tfEngine.backendInstance !== backend) {
    throw new UserError(
      `The traced program switched TensorFlow.js to the backend "${tfEngine.backendName}", so part of it ran elsewhere; remove its tf.setBackend() call, since opcounter records the webgpu backend.`,
    );
  }
}

/** Ends the backend's open command encoder, so that none spans the beginning or end of a trace. */
function flush({ backend }: Device): void {
  backend.ensureCommandEncoderReady();
  backend.endComputePassEncoder();
  backend.submitQueue();
}

function checkTarget(target: unknown): void {
  const known = isLayersModel(target) || isGraphModel(target) || typeof target === "function";
  if (!known) throw unknownTarget();
}

function unknownTarget(): UserError {
  return new UserError(
    "What is to be traced must be a LayersModel, a GraphModel or a function of tensors.",
  );
}

/** Whether a value is a LayersModel or a GraphModel, of any copy of tfjs. */
export function isModel(value: unknown): value is LayersModel | TfjsGraphModel {
  return isLayersModel(value) || isGraphModel(value);
}

function isLayersModel(value: unknown): value is LayersModel & Layer {
  return isLayer(value) && "call" in value && "layers" in value;
}

function nameOf(target: Target): string {
  if (isGraphModel(target)) return "graph-model";
  if (isLayersModel(target) || typeof target === "function") return target.name || "function";
  throw unknownTarget();
}

import type { Graph } from "@opcounter/ir/core";
import { host } from "#host";
import { type Device, type DeviceName, openDevice } from "./devices/device.ts";
import { loadCpu, loadHostBackends } from "./evaluate/host-backends.ts";
import { checkValuesLoaded, noteLoaded } from "./loading/loaded.ts";
import { withUndo } from "./patches/undo.ts";
import { checkParametersOption, type ParametersOption } from "./recording/held-constants.ts";
import { OtherCode } from "./recording/other-code.ts";
import { checkValuesOption, type ValuesOption } from "./recording/reads.ts";
import { record } from "./recording/record.ts";
import { follow, orAbort, started, type WorkOptions, withTimeout } from "./session/abort.ts";
import { withOwnInputs } from "./session/own-inputs.ts";
import { ProgramState } from "./session/program-state.ts";
import { withBackend } from "./session/session.ts";
import { checkInputs, type ModelInputs } from "./targets/inputs.ts";
import type { Target } from "./targets/target.ts";
import { traceable } from "./targets/traceable.ts";
import { loadedClasses, type TfjsClasses } from "./tfjs/classes.ts";
import { type Engine, engine, isTracing, TRACING, traceRunning } from "./tfjs/engine.ts";
import { type Flags, noteFlags, setFlags } from "./tfjs/flags.ts";
import type { TimingOptions } from "./timing/timing.ts";

export interface TraceOptions extends WorkOptions {
  /**
   * Where to run; `auto` by default: the virtual device, or a GPU where `time` is given. A device
   * that `openDevice` gave is taken as it is.
   */
  readonly device?: DeviceName | Device;
  /** The graph's name; by default the model's or the function's. */
  readonly name?: string;
  /** Whether to count the zeros in each parameter, for effective MACs. */
  readonly sparsity?: boolean;
  /** Whether to run the target again to measure how long its dispatches take on the device. */
  readonly time?: TimingOptions;
  /**
   * What happens when the program reads a value in mid-pass that the virtual device did not
   * compute: `on-demand`, the default, computes it on the host with all that it depends on; `none`
   * makes it an error.
   */
  readonly values?: ValuesOption;
  /**
   * What counts as a parameter besides those of layers and graph models; the program's variables by
   * default. Models that hold their weights as plain tensors need `"constants"`, or a list of them.
   */
  readonly parameters?: ParametersOption;
  /**
   * Whether to record the line of the program's source that called each op; see `linesOf`. It takes
   * a stack per op. Where stack traces respect source maps, the lines do.
   */
  readonly lines?: boolean;
  /**
   * Values of TensorFlow.js's flags while it runs, such as `{ WEBGPU_CPU_FORWARD: false }`. `FLAGS`
   * lists them.
   */
  readonly flags?: Flags;
  /** The names of a function's inputs, in order; `input0` and so on by default. */
  readonly inputNames?: readonly string[];
  /**
   * How many seconds the trace may take, the runs that are timed included; as long as it does by
   * default. A program that waits for a promise which is never settled is ended by it alone.
   */
  readonly timeout?: number;
  /**
   * The copy of TensorFlow.js whose layers and graph models a function runs, where it is neither
   * the installed one nor a page's global `tf`.
   */
  readonly tf?: TfjsClasses;
}

/**
 * Runs the target once and records every kernel it executes.
 *
 * It leaves tfjs as it was, also when the target throws: the active backend, the data of every
 * tensor, and the values of variables and stateful layers. Tensors that the target makes are
 * disposed of. Those kept with `tf.keep` stay. New variables stay too, with their first values.
 *
 * @param target a LayersModel (its inference pass), a GraphModel, or a function of tensors.
 * @param inputs the tensors to run it on, in order or by name. A function gets them as arguments;
 *   inputs by name reach it as one record.
 * @throws OpcounterError where inputs do not fit the model ("input-…"), where an option is wrong
 *   ("option-invalid"), where the device cannot be
 *   opened ("device-…"), where another trace is running ("trace-running"), where tfjs switches to
 *   another backend ("program-unsupported"), where the target computes nothing ("program-empty"),
 *   where it reads a value that cannot be computed ("value-…"), where the time is over
 *   ("program-timeout"), and where the device is lost in mid-pass ("device-lost"). What the target
 *   throws passes through, and so does the signal's reason.
 */
export async function trace(
  target: Target,
  inputs: ModelInputs = [],
  options: TraceOptions = {},
): Promise<Graph> {
  const tfEngine = engine();
  const run = (ending: AbortController, lookAtClock: () => void) =>
    traceUntil({ ending, lookAtClock }, tfEngine, target, inputs, options);
  return alone(tfEngine, () => withTimeout(options.signal, options.timeout, run));
}

/** Traces, until it is ended. No other trace runs. */
async function traceUntil(
  { ending, lookAtClock }: { ending: AbortController; lookAtClock: () => void },
  tfEngine: Engine,
  target: Target,
  inputs: ModelInputs,
  options: TraceOptions,
): Promise<Graph> {
  const { signal } = ending;
  signal.throwIfAborted();
  const traced = traceable(target);
  const {
    values = "on-demand",
    parameters = "variables",
    inputNames,
    name = traced.name,
    lines = false,
  } = options;
  checkValuesOption(values);
  checkParametersOption(parameters);
  const device =
    typeof options.device === "object"
      ? options.device
      : await openDevice(options.device, { forTime: options.time !== undefined, signal });
  checkInputs(traced.inputSpecs, inputs, inputNames);
  await traced.check?.();
  // Imported where it is used: a page loads it only then.
  if (options.flags !== undefined) {
    const { checkFlags } = await import("./tfjs/check-flags.ts");
    checkFlags(tfEngine, options.flags);
  }
  if (options.sparsity) checkValuesLoaded(target);
  const zeros = options.sparsity
    ? await (await import("./recording/zeros.ts")).countZeros(tfEngine, traced)
    : undefined;
  if (traced.readsSynchronously) {
    // On any device, layers that a function calls first initialize their weights on the cpu backend.
    await (device.virtual === undefined ? loadCpu() : loadHostBackends());
  }
  const required = traced.callsAnyModel;
  const classes = [traced.classes, ...(await loadedClasses(tfEngine, options.tf, { required }))];
  const run = (otherCode?: OtherCode) =>
    withBackend(device, () =>
      withOwnInputs(tfEngine, inputs, (own) =>
        withUndo(async (later) => {
          later(follow(ending, device.lost));
          const state = new ProgramState(tfEngine);
          later(() => state.restore());
          later(setFlags(tfEngine, options.flags ?? {}));
          const recordPass = () =>
            record({
              ...{ tfEngine, device, target: traced, inputs: own, state, classes },
              ...{ zeros, name, values, parameters, inputNames, lines, otherCode },
              ...{ signal, lookAtClock, onProgress: options.onProgress },
            });
          if (options.time === undefined) {
            const { graph } = await recordPass();
            return noteLoaded(noteFlags(tfEngine, graph), target);
          }
          const { withFirstPass, withTimes } = await import("./timing/timing.ts");
          const { plan, first } = await withFirstPass(tfEngine, device, recordPass);
          noteFlags(tfEngine, plan.graph);
          const call = () => traced.run(own, () => false);
          const again = (within: (run: () => unknown) => unknown) =>
            orAbort(
              started(() => within(call)),
              signal,
            );
          const timed = await withTimes(plan, first, tfEngine, device, again, options);
          return noteLoaded(timed, target);
        }),
      ),
    );
  return apart(tfEngine, device, run);
}

/** Runs a trace apart from other code, where the host tells it apart. */
async function apart<T>(
  tfEngine: Engine,
  { backend }: Device,
  run: (otherCode?: OtherCode) => Promise<T>,
): Promise<T> {
  const { asyncContext } = host;
  if (asyncContext === undefined) return run();
  const otherCode = new OtherCode(asyncContext, tfEngine, backend);
  return asyncContext.start(() => run(otherCode)).finally(otherCode.stop);
}

/** @throws OpcounterError "trace-running" where another trace is running. */
async function alone<T>(tfEngine: Engine, body: () => Promise<T>): Promise<T> {
  if (isTracing(tfEngine)) {
    throw traceRunning();
  }
  Reflect.set(tfEngine, TRACING, true);
  try {
    return await body();
  } finally {
    Reflect.deleteProperty(tfEngine, TRACING);
  }
}

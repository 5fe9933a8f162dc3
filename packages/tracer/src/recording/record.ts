import { addNotes, OpcounterError } from "@opcounter/ir/core";
import type { Tensor } from "@tensorflow/tfjs-core";
import { host as environment } from "#host";
import { flush } from "../devices/backend.ts";
import type { Device } from "../devices/device.ts";
import { Refusals } from "../devices/refusals.ts";
import { withUndo } from "../patches/undo.ts";
import { orAbort, started, type WorkOptions } from "../session/abort.ts";
import type { ProgramState } from "../session/program-state.ts";
import { type ModelInputs, namedInputs } from "../targets/inputs.ts";
import type { Traceable } from "../targets/target.ts";
import { tensorsIn } from "../targets/tensors-in.ts";
import type { TfjsClasses } from "../tfjs/classes.ts";
import { type Engine, enterScope, isTensor } from "../tfjs/engine.ts";
import type { ParametersOption } from "./held-constants.ts";
import type { OtherCode } from "./other-code.ts";
import { OutsideUses } from "./outside-uses.ts";
import { ReadsOfUnknown, type ValuesOption } from "./reads.ts";
import { type Plan, Recorder } from "./recorder.ts";
import { checkComputed } from "./returned.ts";
import { unseenLayersNotes } from "./unseen-layers.ts";
import { unusedOf } from "./unused.ts";
import { watchGradients } from "./watch-gradients.ts";
import { watchHostValues } from "./watch-host-values.ts";
import { layerPrototypes, watchLayers } from "./watch-layers.ts";
import { watchWeights } from "./watch-weights.ts";

/** A pass that is to be recorded. */
export interface Pass {
  readonly tfEngine: Engine;
  readonly device: Device;
  readonly target: Traceable;
  readonly inputs: ModelInputs;
  readonly state: ProgramState;
  /** How many elements of each parameter are 0, where that is wanted. */
  readonly zeros: ReadonlyMap<Tensor["id"], number> | undefined;
  /** The classes whose calls are recorded. */
  readonly classes: readonly TfjsClasses[];
  /** The graph's name. */
  readonly name: string;
  readonly values: ValuesOption;
  readonly parameters: ParametersOption;
  readonly inputNames: readonly string[] | undefined;
  /** Whether the line of the program that called each op is recorded. */
  readonly lines: boolean;
  /** What other code runs meanwhile; undefined where the host does not tell. */
  readonly otherCode: OtherCode | undefined;
  /** Ends the pass early. */
  readonly signal: AbortSignal;
  /** Aborts the signal if the time of the pass is over. */
  readonly lookAtClock: () => void;
  readonly onProgress: WorkOptions["onProgress"] | undefined;
}

/**
 * Runs a target once and records it. Every patch is undone at the end, whatever happens.
 *
 * @throws OpcounterError "program-unsupported", "program-empty" or "value-unreadable" where the
 *   graph would be wrong. What the target throws passes through.
 */
export async function record(pass: Pass): Promise<Plan> {
  const { tfEngine, device, target, inputs, state, otherCode, signal, onProgress } = pass;
  const { asyncContext } = environment;
  const hasGraphModels = pass.classes.some(({ GraphModel }) => GraphModel !== undefined);
  const watchesLayers = pass.classes.some(({ LayersModel }) => LayersModel !== undefined);
  const needsHost = target.rootLayer === undefined || hasGraphModels;
  const host = needsHost ? await import("./host-watch.ts") : undefined;
  const lineNow = pass.lines ? (await import("./source-lines.ts")).lineNow : undefined;
  return withUndo(async (later) => {
    const { name, parameters, zeros } = pass;
    const recorder = new Recorder(tfEngine, device, name, state, parameters, zeros, lineNow);
    const unknown = new ReadsOfUnknown(recorder, device, pass.values);
    later(() => unknown.stop());
    flush(device.backend);
    device.recorder.startEmpty();
    later(() => device.recorder.stop());
    later(() => flush(device.backend));
    const refusals = device.virtual === undefined ? new Refusals(device.backend.device) : undefined;
    later(() => refusals?.stop());
    const scope = enterScope(tfEngine);
    let others: readonly Tensor[] = [];
    later(() => scope.leave(others));
    recorder.start(() => {
      pass.lookAtClock();
      signal.throwIfAborted();
      onProgress?.({ step: "run", done: recorder.builder.opCount });
    });
    later(() => recorder.stop());
    const uses = new OutsideUses(tfEngine, recorder, state);
    later(uses.watchKept());
    if (target.rootLayer !== undefined) uses.calledLayers.add(target.rootLayer);
    later(
      watchLayers(recorder, pass.classes, (layer) => {
        uses.calledLayers.add(layer);
        state.holdStates(layer);
      }),
    );
    later(watchWeights(pass.classes, recorder.apart));
    for (const layer of target.layers?.() ?? []) state.holdStates(layer);
    if (target.layers === undefined) {
      // What a function calls is not known before. A getter that changes is slow, and so are all
      // layers while V8 learns anew what they have.
      for (const prototype of layerPrototypes(pass.classes)) {
        const stop = host?.watchStateful(prototype, (layer) => state.holdStates(layer));
        later(() => stop?.());
      }
    }
    const watch = host?.watchHost(recorder, uses, pass);
    later(() => watch?.stop());
    later(watchHostValues(tfEngine, watch?.hostWork ?? uses));
    later(watchGradients(recorder, tfEngine));
    for (const { name, tensor } of namedInputs(target.inputSpecs, inputs, pass.inputNames)) {
      recorder.values.addInput(name, tensor);
    }
    for (const param of target.params()) recorder.values.addParam(param);
    for (const tensor of recorder.held.listed) recorder.values.addListed(tensor);
    const call = () => target.run(inputs, () => recorder.builder.opCount > 0);
    const run = () => scope.run(call, () => device.recorder.isReading);
    const running = started(() => (asyncContext === undefined ? run() : asyncContext.now(run)));
    const firstPause = { ops: recorder.builder.opCount, tensor: tfEngine.nextTensorId() };
    const ended = running.finally(() => device.recorder.readsEnd()).finally(scope.check);
    const outputs = await orAbort(ended, signal);
    // A program may catch what a kernel throws.
    signal.throwIfAborted();
    unknown.rethrow();
    checkBackend(tfEngine, device);
    const results = tensorsIn(outputs, refuseHidden);
    checkComputed(outputs, recorder.builder.opCount);
    const evaluated = unknown.stop();
    const hostValues = watch?.hostWork.hostValues;
    const refused = (await refusals?.notes()) ?? [];
    if (refused.length > 0) device.recorder.distrust();
    const isUnclear = otherCode === undefined && tfEngine.nextTensorId() > firstPause.tensor + 1;
    const telling = isUnclear ? (host ?? (await import("./host-watch.ts"))) : undefined;
    const plan = recorder.finish(results, (graph) => {
      const { values } = recorder;
      const notes = [...refused, ...(otherCode?.notes(graph, values.leaves) ?? [])];
      if (watchesLayers) notes.push(...unseenLayersNotes(values.variableNames()));
      let { tracked } = scope;
      if (telling !== undefined) {
        const unclear = telling.unclearOps(graph, firstPause);
        others = telling.unclearTensors(tracked, firstPause, graph, unclear, values);
        tracked = tracked.filter((tensor) => !others.includes(tensor));
        notes.push(...telling.unclearNotes(graph, unclear));
      }
      addNotes(graph, notes);
      const left = target.mayLeak
        ? host?.leftTensors(recorder, tracked, results, tfEngine)
        : undefined;
      const { isTraining } = recorder;
      const unused = unusedOf(graph, uses.values, uses.calledLayers, target.layers?.(), isTraining);
      return { unused, evaluated, hostValues, left };
    });
    await unknown.giveValues([...state.initialValuesOfNew, ...others]);
    return plan;
  });
}

/** Refuses an object among the results that may hide more results. */
function refuseHidden(object: object): void {
  // Numbers hide no tensors, and there may be millions of them.
  if (ArrayBuffer.isView(object)) return;
  const isPromise = object instanceof Promise;
  if (!isPromise && !Object.values(object).some(isTensor)) return;
  const what = isPromise
    ? "a Promise"
    : `tensors in an object of the class ${object.constructor?.name}`;
  const remedy = isPromise ? "await it (Promise.all() awaits several)" : "return the tensors";
  throw new OpcounterError(
    "program-unsupported",
    `The traced program returns ${what}, and opcounter looks for results in arrays, records, Maps and Sets`,
    { remedy },
  );
}

/** tfjs switches to another backend silently. A trace of that would be wrong. */
function checkBackend(tfEngine: Engine, { backend }: Device): void {
  if (tfEngine.backendName !== "webgpu" || tfEngine.backendInstance !== backend) {
    throw new OpcounterError(
      "program-unsupported",
      `The traced program switched TensorFlow.js to the backend "${tfEngine.backendName}", so part of it ran elsewhere`,
      { remedy: "remove its tf.setBackend() call, since opcounter records the webgpu backend" },
    );
  }
}

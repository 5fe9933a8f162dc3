import type { Graph } from "@opcounter/ir/core";
import type { WebGPUBackend } from "@tensorflow/tfjs-backend-webgpu";
import type { Tensor } from "@tensorflow/tfjs-core";
import { flush, isOwned } from "../devices/backend.ts";
import { DeviceRecorder } from "../devices/device-recorder.ts";
import { own, wrapMethod } from "../patches/patch.ts";
import { takeBack } from "../patches/undo.ts";
import { namedTensors } from "../recording/named-tensors.ts";
import { type LayerCalls, watchLayers } from "../recording/watch-layers.ts";
import { ownParams } from "../targets/layer.ts";
import { tensorsIn } from "../targets/tensors-in.ts";
import { isModel, traceable } from "../targets/traceable.ts";
import { pageClasses, type TfjsClasses } from "../tfjs/classes.ts";
import { type Engine, engine, isTracing, traceRunning } from "../tfjs/engine.ts";
import { type KernelRun, LivePass } from "./live-pass.ts";

/** A pass that a page ran by itself. */
export interface PagePass {
  readonly graph: Graph;
  /** The same for passes of the same kernels on the same shapes. */
  readonly key: string;
  /** From the first kernel to the end of the last, on the host, in milliseconds. */
  readonly hostMs: number;
  /** The most that tfjs's tensors held meanwhile, all of the page's included. */
  readonly peakBytes: number;
}

/** What runs a model. Each class has some of these methods. */
const RUNS = ["predict", "predictOnBatch", "execute", "executeAsync"];

/**
 * Watches what a page runs, on its own backend and without changing it. A pass is what runs in one
 * turn of the page's event loop, or until a model that runs asynchronously is done.
 *
 * @param tf the page's copy of TensorFlow.js, where it has no global `tf`. Without it, layers and
 *   models have no names.
 * @returns what ends it.
 * @throws OpcounterError "tfjs-missing" or "tfjs-unsupported", and "trace-running" while something
 *   is traced.
 */
export function watchPasses(onPass: (pass: PagePass) => void, tf?: TfjsClasses): () => void {
  const tfEngine = engine();
  if (isTracing(tfEngine)) throw traceRunning();
  return new PassWatch(tfEngine, onPass).start(pageClasses(tf));
}

class PassWatch implements LayerCalls {
  readonly #engine: Engine;
  readonly #onPass: (pass: PagePass) => void;
  readonly #running: KernelRun[] = [];
  #pass: LivePass | undefined;
  #device: { readonly backend: WebGPUBackend; readonly recorder: DeviceRecorder } | undefined;
  #openModels = 0;
  #beganAt = 0;
  #endedAt = 0;
  #peakBytes = 0;
  #isEnding = false;
  #isOver = false;

  constructor(tfEngine: Engine, onPass: (pass: PagePass) => void) {
    this.#engine = tfEngine;
    this.#onPass = onPass;
  }

  start(classes: readonly TfjsClasses[]): () => void {
    const { runKernel } = this.#engine;
    const watched: typeof runKernel = (...args) => {
      const run = () => runKernel.apply(this.#engine, args);
      return this.isPaused ? run() : this.#run(args, run);
    };
    const undo = [own(this.#engine, "runKernel", watched), watchLayers(this, classes, () => {})];
    for (const { LayersModel, GraphModel } of classes) {
      for (const { prototype } of [LayersModel, GraphModel].filter((each) => each !== undefined)) {
        for (const method of RUNS.filter((name) => name in prototype)) {
          undo.push(wrapMethod(prototype, method, (...call) => this.#runModel(...call)));
        }
      }
    }
    // Patches end in the order in which they came: those of a trace, which came later, end first.
    const stop = (): void => {
      if (isTracing(this.#engine)) setTimeout(stop, 20);
      else takeBack(undo.splice(0));
    };
    return () => {
      this.#isOver = true;
      this.#pass = undefined;
      this.#leaveDevice();
      stop();
    };
  }

  /** A trace records on a device of its own, and is no pass of the page. */
  get isPaused(): boolean {
    return this.#isOver || isTracing(this.#engine);
  }

  get scopes(): LivePass["scopes"] {
    return this.#current().scopes;
  }

  enterLayer: LayerCalls["enterLayer"] = (layer, inputs) => {
    const pass = this.#current();
    pass.scopes.enterLayer(
      layer,
      inputs.map((tensor) => pass.valueOf(tensor)),
    );
  };

  leaveLayer: LayerCalls["leaveLayer"] = (layer, outputs) => {
    const pass = this.#current();
    pass.scopes.leaveLayer({
      results: outputs.map((tensor) => pass.valueOf(tensor)),
      params: ownParams(layer).map((param) => pass.addParam(param)),
    });
  };

  /** The pass that runs. One that begins ends after this turn of the event loop. */
  #current(): LivePass {
    if (this.#pass === undefined) {
      this.#pass = new LivePass(this.#engine);
      this.#beganAt = performance.now();
      this.#peakBytes = 0;
      this.#enterDevice();
    }
    if (!this.#isEnding) {
      this.#isEnding = true;
      afterTurn(() => this.#end());
    }
    return this.#pass;
  }

  #run(
    [kernel, inputs, attrs = {}]: Parameters<Engine["runKernel"]>,
    execute: () => Tensor | Tensor[],
  ): Tensor | Tensor[] {
    const pass = this.#current();
    const outer = this.#running.at(-1);
    const operands = namedTensors(inputs);
    if (outer === undefined) for (const { tensor } of operands) pass.valueOf(tensor);
    const run: KernelRun = { kernel, operands, attrs, dispatches: [], nested: [], outputs: [] };
    this.#credit();
    this.#running.push(run);
    try {
      const outputs = execute();
      run.outputs = [outputs].flat();
      this.#credit();
      if (outer === undefined) pass.record(run);
      else outer.nested.push(run);
      return outputs;
    } finally {
      this.#running.pop();
      this.#endedAt = performance.now();
      this.#peakBytes = Math.max(this.#peakBytes, this.#engine.state.numBytes);
    }
  }

  /** Credits dispatches to the kernel that runs. */
  #credit(): void {
    const recorder = this.#device?.recorder;
    this.#running.at(-1)?.dispatches.push(...(recorder?.log.dispatches ?? []));
    recorder?.forget();
  }

  #runModel(model: unknown, run: () => unknown, [inputs]: readonly unknown[]): unknown {
    if (this.isPaused || !isModel(model)) return run();
    const { name, params, inputSpecs = [] } = traceable(model);
    const named = tensorsIn(inputs).map((tensor, i) => ({
      tensor,
      name: inputSpecs[i]?.name ?? `input${i}`,
    }));
    this.#current().begin(name, named, params());
    const outputs = run();
    if (outputs instanceof Promise) {
      this.#openModels++;
      const done = () => {
        this.#openModels--;
        if (this.#pass !== undefined) this.#current();
      };
      outputs.then(done, done);
    }
    return outputs;
  }

  #end(): void {
    this.#isEnding = false;
    const pass = this.#pass;
    if (pass === undefined || this.#openModels > 0) return;
    this.#pass = undefined;
    this.#leaveDevice();
    if (pass.opCount === 0) return;
    const hostMs = this.#endedAt - this.#beganAt;
    this.#onPass({ graph: pass.finish(), key: pass.key, hostMs, peakBytes: this.#peakBytes });
  }

  /** Records dispatches where the page runs on WebGPU. Its open commands are submitted first. */
  #enterDevice(): void {
    const { backendName, backendInstance } = this.#engine;
    if (backendName !== "webgpu" || backendInstance == null || isOwned(backendInstance)) return;
    // Sound: the backend registered as `webgpu` is tfjs's.
    const backend = backendInstance as WebGPUBackend;
    flush(backend);
    this.#device = { backend, recorder: new DeviceRecorder(backend, { isOurs: false }) };
    this.#device.recorder.start();
  }

  #leaveDevice(): void {
    if (this.#device === undefined) return;
    // Encoders that are patched must not outlive the watch.
    flush(this.#device.backend);
    this.#device.recorder.stop();
    this.#device = undefined;
  }
}

/**
 * Calls a function after this turn of the event loop: before the turns that already wait, where the
 * host has priorities. A timer comes after them, so that the passes of a page that is never idle
 * would be taken for one.
 */
function afterTurn(act: () => void): void {
  const scheduler: unknown = Reflect.get(globalThis, "scheduler");
  const post: unknown = Reflect.get(Object(scheduler), "postTask");
  if (typeof post === "function") post.call(scheduler, act, { priority: "user-blocking" });
  else setTimeout(act);
}

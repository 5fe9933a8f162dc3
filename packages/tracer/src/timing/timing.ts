import {
  annotate,
  carryAnnotations,
  type Dispatch,
  type GpuTime,
  type Graph,
  median,
  OpcounterError,
  type OpId,
  RECORDING,
  recordingOf,
} from "@opcounter/ir/core";
import { flush } from "../devices/backend.ts";
import type { Device } from "../devices/device.ts";
import { Timestamps } from "../devices/timestamps.ts";
import { own } from "../patches/patch.ts";
import { withUndo } from "../patches/undo.ts";
import type { Plan } from "../recording/recorder.ts";
import { type Engine, enterScope } from "../tfjs/engine.ts";
import { clockStep, gpuTimeOf } from "./statistics.ts";

export interface TimingOptions {
  /** How often the program is run to be timed; 10 by default. */
  readonly runs?: number;
  /** How often it is run before that, after the recording; 1 by default. */
  readonly warmup?: number;
}

/** The times of one run. */
interface Run {
  readonly wallMs: number;
  readonly readbackMs: number;
  /** Per dispatch, in nanoseconds. */
  readonly gpuNs: readonly number[];
  /** Per run of a kernel, without the kernels that it calls, in milliseconds. */
  readonly cpuMs: readonly number[];
}

/**
 * Runs a recorded program again, and returns its graph with the time of each dispatch. The graph's
 * recording has the times of the pass.
 *
 * @throws OpcounterError "device-unsuited" where the device has no clock, "program-unsupported"
 *   where the program runs other kernels than before, "option-invalid".
 */
export async function withTimes(
  plan: Plan,
  tfEngine: Engine,
  device: Device,
  program: () => Promise<unknown>,
  { runs = 10, warmup = 1 }: TimingOptions,
): Promise<Graph> {
  if (!(Number.isInteger(runs) && runs >= 1 && Number.isInteger(warmup) && warmup >= 0)) {
    throw new OpcounterError("option-invalid", `time is { runs: ${runs}, warmup: ${warmup} }`, {
      remedy: "runs is an integer from 1, and warmup an integer from 0",
    });
  }
  if (device.virtual !== undefined) {
    throw new OpcounterError(
      "device-unsuited",
      "The virtual device computes nothing, so there is no time to measure",
      {
        remedy:
          'use { device: "gpu" } or { device: "software" }, or predict times from a specification of the device (rooflineOf() in code, --device-spec on the command line)',
      },
    );
  }
  if (!device.backend.device.features.has("timestamp-query")) {
    throw new OpcounterError(
      "device-unsuited",
      "The device offers no timestamp queries, so the time on it cannot be measured",
      { remedy: "in Chromium they need the flag --enable-webgpu-developer-features" },
    );
  }
  const measured: Run[] = [];
  for (let i = 0; i < warmup + runs; i++) {
    const run = await timeRun(plan, tfEngine, device, program);
    if (i >= warmup) measured.push(run);
  }
  return annotated(plan, measured);
}

async function timeRun(
  plan: Plan,
  tfEngine: Engine,
  { backend, recorder }: Device,
  program: () => Promise<unknown>,
): Promise<Run> {
  return withUndo(async (later) => {
    const timestamps = new Timestamps(backend.device);
    later(() => timestamps.destroy());
    recorder.start(timestamps);
    later(() => recorder.stop());
    const scope = enterScope(tfEngine);
    later(scope.leave);
    const kernels = new KernelClock(tfEngine);
    later(kernels.stop);
    const began = performance.now();
    await program().finally(() => recorder.readsEnd());
    scope.check();
    flush(backend);
    await backend.queue.onSubmittedWorkDone();
    const wallMs = performance.now() - began;
    checkSame(plan, recorder.take().dispatches, kernels.ms.length);
    const gpuNs = await timestamps.read();
    if (gpuNs.length !== plan.dispatches.length) {
      throw new Error(`${plan.dispatches.length} dispatches have ${gpuNs.length} times`);
    }
    return { wallMs, readbackMs: recorder.waitedMs, gpuNs, cpuMs: kernels.ms };
  });
}

/** Measures the time of each kernel on the host, without the kernels that it calls. */
class KernelClock {
  readonly ms: number[] = [];
  readonly stop: () => void;

  constructor(tfEngine: Engine) {
    const { runKernel } = tfEngine;
    let inner = 0;
    const timed: typeof runKernel = (kernel, inputs, attrs) => {
      const place = this.ms.push(0) - 1;
      const outer = inner;
      inner = 0;
      const began = performance.now();
      try {
        return runKernel.call(tfEngine, kernel, inputs, attrs);
      } finally {
        const took = performance.now() - began;
        this.ms[place] = took - inner;
        inner = outer + took;
      }
    };
    this.stop = own(tfEngine, "runKernel", timed);
  }
}

function checkSame(plan: Plan, dispatches: readonly Dispatch[], kernels: number): void {
  const isSame =
    dispatches.length === plan.dispatches.length &&
    dispatches.every(({ program }, i) => program === plan.dispatches[i]?.program);
  if (isSame && kernels === plan.ops.length) return;
  throw new OpcounterError(
    "program-unsupported",
    `The program does not run the same kernels each time (${plan.ops.length} with ${plan.dispatches.length} dispatches when it was recorded, then ${kernels} with ${dispatches.length}), so the times of a kernel cannot be compared`,
    { remedy: "make it depend on its inputs alone" },
  );
}

function annotated({ graph, dispatches, ops }: Plan, runs: readonly Run[]): Graph {
  const clockStepNs = clockStep(runs.flatMap(({ gpuNs }) => gpuNs));
  const times = new Map<Dispatch, GpuTime>();
  for (const [i, dispatch] of dispatches.entries()) {
    const samples = nthOfEach(
      runs.map(({ gpuNs }) => gpuNs),
      i,
    );
    times.set(dispatch, gpuTimeOf(samples, clockStepNs));
  }
  const timed: Graph = {
    ...graph,
    ops: graph.ops.map((op) => ({
      ...op,
      dispatches: op.dispatches.map((dispatch) => {
        const gpuTime = times.get(dispatch);
        return gpuTime === undefined ? dispatch : { ...dispatch, gpuTime };
      }),
    })),
  };
  carryAnnotations(graph, timed, (id) => id);
  const recording = recordingOf(graph);
  if (recording === undefined) return timed;
  const known = [...times.values()].flatMap(({ ns }) => (ns === null ? [] : [ns]));
  const opCpuMs = new Map<OpId, number>();
  ops.forEach((op, i) => {
    if (op === undefined) return;
    const ms = median(
      nthOfEach(
        runs.map(({ cpuMs }) => cpuMs),
        i,
      ),
    );
    opCpuMs.set(op, (opCpuMs.get(op) ?? 0) + ms);
  });
  annotate(timed, RECORDING, {
    ...recording,
    times: {
      runs: runs.length,
      wallMs: median(runs.map(({ wallMs }) => wallMs)),
      gpuMs: known.length === 0 ? null : median(runs.map(({ gpuNs }) => sum(gpuNs))) / 1e6,
      cpuMs: median(runs.map(({ cpuMs }) => sum(cpuMs))),
      readbackMs: median(runs.map(({ readbackMs }) => readbackMs)),
      opCpuMs,
      clockStepNs,
    },
  });
  return timed;
}

function nthOfEach(runs: readonly (readonly number[])[], n: number): number[] {
  return runs.map((times, run) => {
    const time = times[n];
    if (time === undefined) throw new Error(`run ${run} has no time ${n}`);
    return time;
  });
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

import {
  annotate,
  carryAnnotations,
  type Dispatch,
  type FirstPass,
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
import { lengthOf, Timestamps } from "../devices/timestamps.ts";
import { withUndo } from "../patches/undo.ts";
import type { Plan } from "../recording/recorder.ts";
import type { WorkOptions } from "../session/abort.ts";
import { type Engine, enterScope } from "../tfjs/engine.ts";
import { accountOf, type MeasuredRun, type Ran } from "./account.ts";
import { HostClock } from "./host-clock.ts";
import { clockStep, gpuTimeOf } from "./statistics.ts";

export interface TimingOptions {
  /** How often the program is run to be timed; 10 by default. */
  readonly runs?: number;
  /** How often it is run before that, after the recording; 1 by default. */
  readonly warmup?: number;
}

interface TimedTrace extends WorkOptions {
  readonly time?: TimingOptions;
}

/** Runs a program. Its synchronous part runs in `within`. */
type TimedProgram = (within: (run: () => unknown) => unknown) => Promise<unknown>;

/** The times of one run. */
interface Run extends MeasuredRun {
  readonly readbackMs: number;
  /** Per dispatch, in nanoseconds. */
  readonly gpuNs: readonly number[];
  /** Per run of a kernel, without the kernels that it calls, in milliseconds. */
  readonly cpuMs: readonly number[];
}

/**
 * Records a pass, and says what only a first pass does. What it compiles and uploads is measured
 * where TensorFlow.js calls the device.
 */
export async function withFirstPass(
  tfEngine: Engine,
  { backend }: Device,
  recordPass: () => Promise<Plan>,
): Promise<{ readonly plan: Plan; readonly first: FirstPass }> {
  return withUndo(async (later) => {
    const began = performance.now();
    const clock = new HostClock(tfEngine, backend);
    later(clock.stop);
    const plan = await recordPass();
    await backend.queue.onSubmittedWorkDone();
    const wallMs = performance.now() - began;
    const { pipelines, tallies } = clock;
    const { count, bytes, ms } = tallies.uploads;
    return { plan, first: { wallMs, pipelines, uploads: { count, bytes, ms } } };
  });
}

/**
 * Runs a recorded program again, and returns its graph with the time of each dispatch. The graph's
 * recording has the times of the pass, and those of the first pass.
 *
 * @throws OpcounterError "device-unsuited" where the device has no clock, "program-unsupported"
 *   where the program runs other kernels than before, "option-invalid".
 */
export async function withTimes(
  plan: Plan,
  first: FirstPass,
  tfEngine: Engine,
  device: Device,
  program: TimedProgram,
  { time: { runs = 10, warmup = 1 } = {}, onProgress }: TimedTrace,
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
    onProgress?.({ step: "time", done: i + 1, total: warmup + runs });
  }
  return annotated(plan, first, measured);
}

async function timeRun(
  plan: Plan,
  tfEngine: Engine,
  { backend, recorder }: Device,
  program: TimedProgram,
): Promise<Run> {
  return withUndo(async (later) => {
    const timestamps = new Timestamps(backend.device);
    later(() => timestamps.destroy());
    recorder.start(timestamps);
    later(() => recorder.stop());
    const scope = enterScope(tfEngine);
    later(scope.leave);
    const began = performance.now();
    const clock = new HostClock(tfEngine, backend, () => timestamps.count);
    later(clock.stop);
    const within = (run: () => unknown) => scope.run(run, () => recorder.isReading);
    await program(within).finally(() => recorder.readsEnd());
    scope.check();
    clock.ends();
    flush(backend);
    await backend.queue.onSubmittedWorkDone();
    const ended = clock.stop();
    const wallMs = performance.now() - began;
    checkSame(plan, recorder.log.dispatches, clock.kernelMs.length);
    const spans = await timestamps.spans();
    if (spans.length !== plan.dispatches.length) {
      throw new Error(`${plan.dispatches.length} dispatches have ${spans.length} times`);
    }
    return {
      ...{ wallMs, ended, clock, spans, readbackMs: recorder.waitedMs },
      gpuNs: spans.map(lengthOf),
      cpuMs: clock.kernelMs.map((ms, place) => ms + (clock.deviceMs[place] ?? 0)),
    };
  });
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

function annotated(
  { graph, dispatches, ops }: Plan,
  first: FirstPass,
  runs: readonly Run[],
): Graph {
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
      account: accountOf(runs, ranOf(graph, dispatches, ops)),
      first,
    },
  });
  return timed;
}

function ranOf(graph: Graph, dispatches: Plan["dispatches"], kernels: Plan["ops"]): Ran {
  const opOf = new Map<Dispatch, OpId>();
  for (const { id, dispatches } of graph.ops) {
    for (const dispatch of dispatches) opOf.set(dispatch, id);
  }
  return {
    kernels,
    dispatchOps: dispatches.map((dispatch) => opOf.get(dispatch)),
    placementOf: (op) => graph.ops[op]?.placement,
  };
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

import { type Graph, OpcounterError, reasonOf, type WebGpuLimits } from "@opcounter/ir/core";
import { labelOfAdapter, openGpu, orAbort, withTimeout, withUndo } from "@opcounter/tracer/webgpu";
import { buildGraph } from "./graph/build-graph.ts";
import { lendGpu } from "./lend.ts";
import { RecordingLog } from "./recording-log.ts";
import { ComputedContents } from "./virtual/computed-contents.ts";
import { createVirtualGpu } from "./virtual/virtual-gpu.ts";
import { Watcher } from "./watch/watcher.ts";

/** The devices that a program can be recorded on; see `openDevice` of `@opcounter/tracer`. */
export const RECORD_DEVICES = ["virtual", "gpu", "software"] as const;
export type RecordDevice = (typeof RECORD_DEVICES)[number];

export interface RecordOptions {
  /** The graph's name, which messages have too; `program` by default. */
  readonly name?: string;
  /** `virtual` by default, which needs no GPU and computes only what the program reads. */
  readonly device?: RecordDevice;
  /** Limits of the virtual adapter; those of a desktop GPU by default. */
  readonly limits?: WebGpuLimits;
  /** Ends the recording early. */
  readonly signal?: AbortSignal;
  /** How many seconds the program may take; as long as it does by default. */
  readonly timeout?: number;
}

/** What a program did with WebGPU. */
export interface Recorded {
  readonly graph: Graph;
  /** What ended the program before its end: what it threw, or the end of its time. */
  readonly stopped: OpcounterError | undefined;
}

let isRecording = false;

/**
 * Runs a program and records what it does with `navigator.gpu`, whatever library it uses: each
 * command that it submits is an op of the graph.
 *
 * The program ends when its promise is settled and nothing that it asked of WebGPU is pending. All
 * that was lent to the global scope or patched is taken back then.
 *
 * ```ts
 * const { graph } = await record(async () => {
 *   const adapter = await navigator.gpu.requestAdapter();
 *   …
 * });
 * const { totals } = count(graph);
 * ```
 *
 * @throws OpcounterError "program-empty" where it submitted nothing; what it threw, where it submitted
 *   nothing before; "device-unavailable" where there is no such device; "trace-running" while another
 *   program is recorded; the signal's reason where it aborts.
 */
export async function record(
  program: () => unknown,
  { name = "program", device = "virtual", limits, signal, timeout }: RecordOptions = {},
): Promise<Recorded> {
  if (isRecording) {
    throw new OpcounterError("trace-running", "Another program is being recorded", {
      remedy: "wait for its end: both would use one navigator.gpu",
    });
  }
  isRecording = true;
  return withUndo(async (later) => {
    later(() => {
      isRecording = false;
    });
    const contents = new ComputedContents();
    const isVirtual = device === "virtual";
    const gpu = isVirtual
      ? createVirtualGpu({ contents, ...(limits === undefined ? {} : { limits }) })
      : await openGpu(device);
    for (const undo of lendGpu(gpu)) later(undo);
    const hear: RecordingLog["entry"] = isVirtual ? (entry) => contents.entry(entry) : () => {};
    const log = new RecordingLog(isVirtual, hear, later);
    const watcher = new Watcher(log);
    later(() => watcher.stop());
    watcher.watch(gpu);
    const stopped = await run(program, name, log, { signal, timeout });
    checkRecorded(log, name, stopped);
    const notes = notesOf(log, contents, stopped);
    const graph = buildGraph(log.entries, { name, device: deviceNameOf(device, log), notes });
    return { graph, stopped };
  });
}

/** Runs the program to its end. Returns what ended it before. */
async function run(
  program: () => unknown,
  name: string,
  log: RecordingLog,
  { signal, timeout }: { signal: AbortSignal | undefined; timeout: number | undefined },
): Promise<OpcounterError | undefined> {
  try {
    await withTimeout(signal, timeout, async ({ signal: ending }, lookAtClock) => {
      // A program that never pauses lets no timer fire, and goes on until a call of it throws.
      log.beforeEntry = () => {
        lookAtClock();
        ending.throwIfAborted();
      };
      const running = (async () => program())();
      await orAbort(running, ending);
      await orAbort(log.settled(), ending);
    });
    return undefined;
  } catch (error) {
    if (signal?.aborted) throw error;
    if (error instanceof OpcounterError) return error;
    const sentence = `${name} threw while it ran: ${reasonOf(error)}`;
    return new OpcounterError("program-failed", sentence, { cause: error });
  }
}

function checkRecorded(log: RecordingLog, name: string, stopped: OpcounterError | undefined): void {
  if (log.entries.some(({ kind }) => kind === "submit")) return;
  if (stopped !== undefined) throw stopped;
  if (log.devices > 0) {
    throw new OpcounterError("program-empty", `${name} has a device and submits nothing to it`, {
      remedy: "await what the program does, so that it is recorded to its end",
    });
  }
  throw new OpcounterError("program-empty", `${name} asks navigator.gpu for no device`, {
    remedy:
      "nothing was recorded: only navigator.gpu is watched, and nothing that the package webgpu gives",
  });
}

/** What the reader of a report should know. */
function notesOf(
  { refusals, devices }: RecordingLog,
  { problems, work }: ComputedContents,
  stopped: OpcounterError | undefined,
): string[] {
  const several =
    devices > 1 ? [`The program has ${devices} devices; their commands are in one order.`] : [];
  const computed =
    work.reads === 0
      ? []
      : [
          `The program reads contents of buffers ${work.reads === 1 ? "once" : `${work.reads} times`}, which the interpreter of shaders computed.`,
        ];
  return [
    ...(stopped === undefined
      ? []
      : [`The program did not end by itself, so what follows is missing: ${stopped.message}`]),
    ...several,
    ...computed,
    ...[...problems],
    ...refusals.map((reason) => `The device refused a command: ${reason}`),
  ];
}

function deviceNameOf(device: RecordDevice, { adapterInfo }: RecordingLog): string {
  if (device === "virtual" || adapterInfo === undefined) return device;
  return labelOfAdapter(adapterInfo).name;
}

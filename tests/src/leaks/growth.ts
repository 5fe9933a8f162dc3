import { type DeviceName, openDevice, withBackend } from "@opcounter/tracer";
import * as tf from "@tensorflow/tfjs";
import { programs, type TraceOnce } from "./programs.ts";

/** What is held between two traces. */
export interface Held {
  readonly tensors: number;
  readonly dataBuffers: number;
  readonly bytes: number;
  /** Bytes of buffers of the device, those that are free to be used again among them. */
  readonly deviceBytes: number;
  readonly variables: number;
  readonly listeners: number;
}

/** What many traces in a row leave. */
export interface Growth {
  readonly times: number;
  readonly before: Held;
  readonly after: Held;
  /** Bytes of the heap that each trace leaves, as a median. */
  readonly heapPerTrace: number;
}

/** What the host tells of its memory. */
export interface Heap {
  /** Frees what nothing refers to. */
  collect(): Promise<void>;
  /** Bytes that are in use. */
  used(): number;
}

/** Traces that fill caches before anything is measured. */
const WARM_UP = 100;
const SAMPLES = 10;

/** Traces every program many times, and tells what each leaves. */
export async function growthByProgram(
  times: number,
  device: DeviceName,
  heap: Heap,
  listeners: () => number,
): Promise<Record<string, Growth>> {
  const found: Record<string, Growth> = {};
  const { signal } = new AbortController();
  for (const [name, traceOnce] of Object.entries(await programs(device, signal))) {
    found[name] = await growth(traceOnce, times, device, heap, listeners);
  }
  return found;
}

/** Traces a program `times` times and measures what that leaves. */
export async function growth(
  traceOnce: TraceOnce,
  times: number,
  device: DeviceName,
  heap: Heap,
  listeners: () => number,
): Promise<Growth> {
  for (let pass = 0; pass < WARM_UP; pass++) await traceOnce();
  const before = await held(device, listeners);
  const samples: (readonly [number, number])[] = [];
  for (let pass = 0; pass <= times; pass++) {
    if (pass % Math.ceil(times / SAMPLES) === 0) {
      await heap.collect();
      samples.push([pass, heap.used()]);
    }
    if (pass < times) await traceOnce();
  }
  return { times, before, after: await held(device, listeners), heapPerTrace: slope(samples) };
}

async function held(name: DeviceName, listeners: () => number): Promise<Held> {
  const { numTensors, numDataBuffers, numBytes } = tf.memory();
  const onDevice = await withBackend(await openDevice(name), async () => tf.memory());
  return {
    tensors: numTensors,
    dataBuffers: numDataBuffers,
    bytes: numBytes,
    deviceBytes: Number(Reflect.get(onDevice, "numBytesAllocatedInGPU")),
    variables: Object.keys(tf.engine().state.registeredVariables).length,
    listeners: listeners(),
  };
}

/**
 * The median slope between any two points (Theil and Sen): a cache that grows once does not change
 * it, what every trace leaves does.
 */
function slope(points: readonly (readonly [number, number])[]): number {
  const slopes = points.flatMap(([x, y], place) =>
    points.slice(place + 1).map(([laterX, laterY]) => (laterY - y) / (laterX - x)),
  );
  return slopes.sort((a, b) => a - b)[Math.floor(slopes.length / 2)] ?? Number.NaN;
}

/**
 * Counts listeners of event targets from now on: those that are added, less those removed. Node
 * listens at its own message ports, which end with their listeners.
 */
export function countListeners(): () => number {
  const { prototype } = EventTarget;
  const { addEventListener, removeEventListener } = prototype;
  let count = 0;
  const note = (target: EventTarget, change: number) => {
    if (!(target instanceof MessagePort)) count += change;
  };
  prototype.addEventListener = function (...args) {
    note(this, 1);
    return addEventListener.apply(this, args);
  };
  prototype.removeEventListener = function (...args) {
    note(this, -1);
    return removeEventListener.apply(this, args);
  };
  return () => count;
}

/**
 * What traces left that they must not, each as `tensors: 27, then 29`; empty where all is well.
 *
 * @param most the bytes of the heap that a trace may leave, since V8 itself keeps what it learns of
 *   code that runs, the less the longer it ran.
 */
export function leftBy({ before, after, heapPerTrace }: Growth, most: number): string[] {
  const names = [
    "tensors",
    "dataBuffers",
    "bytes",
    "deviceBytes",
    "variables",
    "listeners",
  ] as const;
  const left = names
    .filter((name) => before[name] !== after[name])
    .map((name) => `${name}: ${before[name]}, then ${after[name]}`);
  // Also false where it is no number.
  const isFlat = heapPerTrace < most;
  return isFlat ? left : [...left, `heap: ${Math.round(heapPerTrace)} bytes a trace`];
}

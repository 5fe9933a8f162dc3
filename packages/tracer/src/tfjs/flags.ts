import { annotate, type Graph, RECORDING, recordingOf } from "@opcounter/ir/core";
import { own } from "../patches/patch.ts";
import { runAll } from "../patches/undo.ts";
import type { Engine } from "./engine.ts";

/** Values of TensorFlow.js's flags by name. */
export type Flags = Readonly<Record<string, boolean | number | string>>;

/**
 * The flags that a trace can set, with what TensorFlow.js has where nobody sets them, of
 * `tfjs-backend-webgpu/src/flags_webgpu.ts` (4.22). Not among them:
 * WEBGPU_CPU_HANDOFF_SIZE_THRESHOLD, which is read once, when the backend is loaded; what chooses a
 * device, since opcounter opens it; and what prints. `flag-facts.ts` says what each does, apart, since
 * a page that counts needs no texts.
 */
export const USUAL_FLAGS = {
  WEBGPU_CPU_FORWARD: true,
  WEBGPU_DEFERRED_SUBMIT_BATCH_SIZE: 15,
  WEBGPU_MATMUL_PROGRAM_TYPE: -1,
  WEBGPU_THRESHOLD_TO_INCREASE_WORKGROUPS_FOR_MATMUL: -1,
  WEBGPU_CONV_SEPARATE_IM2COL_SHADER: false,
  WEBGPU_USE_NAIVE_CONV2D_TRANSPOSE: true,
  WEBGPU_USE_NAIVE_CONV2D_DEBUG: false,
  WEBGPU_IMPORT_EXTERNAL_TEXTURE: true,
} as const satisfies Readonly<Record<string, boolean | number>>;

export const USUAL: Readonly<Record<string, boolean | number>> = USUAL_FLAGS;

/**
 * Sets flags of TensorFlow.js, which `checkFlags` has checked. Returns what gives them back, and
 * those that the program sets.
 */
export function setFlags({ ENV }: Engine, flags: Flags): () => void {
  const { set } = ENV;
  const before = new Map<string, PropertyDescriptor | undefined>();
  const stop = own(ENV, "set", (name: string, value: unknown) => {
    if (!before.has(name)) before.set(name, Object.getOwnPropertyDescriptor(ENV.flags, name));
    set.call(ENV, name, value);
  });
  for (const [name, value] of Object.entries(flags)) ENV.set(name, value);
  const giveBack = ([name, was]: [string, PropertyDescriptor | undefined]) => {
    if (was === undefined) delete ENV.flags[name];
    else ENV.set(name, was.value);
  };
  return () => runAll([stop, ...[...before].map((flag) => () => giveBack(flag))]);
}

/** Adds to a graph's recording the flags that are not as TensorFlow.js has them by default. */
export function noteFlags({ ENV }: Engine, graph: Graph): Graph {
  const recording = recordingOf(graph);
  const set = Object.entries(USUAL).flatMap(([name, usual]) => {
    const value = ENV.flags[name];
    const isKnown = typeof value === "boolean" || typeof value === "number";
    return isKnown && value !== usual ? [[name, value] as const] : [];
  });
  if (recording === undefined || set.length === 0) return graph;
  annotate(graph, RECORDING, { ...recording, flags: Object.fromEntries(set) });
  return graph;
}

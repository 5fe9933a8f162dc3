import {
  annotate,
  type Graph,
  namesToChoose,
  OpcounterError,
  RECORDING,
  recordingOf,
} from "@opcounter/ir/core";
import { own } from "../patches/patch.ts";
import { runAll } from "../patches/undo.ts";
import type { Engine } from "./engine.ts";

/** Values of TensorFlow.js's flags by name. */
export type Flags = Readonly<Record<string, boolean | number | string>>;

/** A flag of TensorFlow.js that changes what its WebGPU backend runs. */
export interface FlagFacts {
  /** What TensorFlow.js has where nobody sets it. Its type is the flag's. */
  readonly usual: boolean | number;
  readonly what: string;
}

/**
 * The flags that a trace can set, of `tfjs-backend-webgpu/src/flags_webgpu.ts` (4.22). Not among
 * them: WEBGPU_CPU_HANDOFF_SIZE_THRESHOLD, which is read once, when the backend is loaded; what
 * chooses a device, since opcounter opens it; and what prints.
 */
export const FLAGS = {
  WEBGPU_CPU_FORWARD: {
    usual: true,
    what: "ops of fewer than 1,000 elements that have never been on the device run on the host",
  },
  WEBGPU_DEFERRED_SUBMIT_BATCH_SIZE: {
    usual: 15,
    what: "how many dispatches are collected before they are submitted",
  },
  WEBGPU_MATMUL_PROGRAM_TYPE: {
    usual: -1,
    what: "the program of matrix products: 0 reduce, 1 split k, 2 small outputs, 3 packed; -1 chooses",
  },
  WEBGPU_THRESHOLD_TO_INCREASE_WORKGROUPS_FOR_MATMUL: {
    usual: -1,
    what: "how few workgroups a matrix product launches before it takes smaller tiles; -1 goes by the adapter",
  },
  WEBGPU_CONV_SEPARATE_IM2COL_SHADER: {
    usual: false,
    what: "a convolution writes its windows out in a dispatch of their own, then multiplies",
  },
  WEBGPU_USE_NAIVE_CONV2D_TRANSPOSE: {
    usual: true,
    what: "a transposed convolution computes each output by itself, not as a matrix product",
  },
  WEBGPU_USE_NAIVE_CONV2D_DEBUG: {
    usual: false,
    what: "a convolution computes each output by itself, not as a matrix product",
  },
  WEBGPU_IMPORT_EXTERNAL_TEXTURE: {
    usual: true,
    what: "tf.browser.fromPixels reads a video's texture without a copy",
  },
} as const satisfies Readonly<Record<string, FlagFacts>>;

const FACTS: Readonly<Record<string, FlagFacts>> = FLAGS;

/**
 * Sets flags of TensorFlow.js. Returns what gives them back, and those that the program sets.
 *
 * @throws OpcounterError "option-invalid" where a name is no flag of the table, or a value has not
 *   the flag's type, or the TensorFlow.js that is loaded lacks the flag.
 */
export function setFlags({ ENV }: Engine, flags: Flags): () => void {
  for (const [name, value] of Object.entries(flags)) checkFlag(ENV, name, value);
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

function checkFlag({ flagRegistry }: Engine["ENV"], name: string, value: unknown): void {
  const facts = Object.hasOwn(FACTS, name) ? FACTS[name] : undefined;
  if (facts === undefined) {
    throw new OpcounterError("option-invalid", `There is no flag "${name}" that a trace can set.`, {
      remedy: namesToChoose(name, Object.keys(FACTS)),
    });
  }
  const isBoolean = typeof facts.usual === "boolean";
  if (isBoolean ? typeof value !== "boolean" : !Number.isSafeInteger(value)) {
    throw new OpcounterError("option-invalid", `The flag ${name} cannot be ${String(value)}`, {
      remedy: `it is ${isBoolean ? "true or false" : "an integer"}, by default ${facts.usual}`,
    });
  }
  if (!(name in flagRegistry)) {
    throw new OpcounterError(
      "option-invalid",
      `The TensorFlow.js that is loaded has no flag ${name}`,
      { remedy: "use @tensorflow/tfjs 4.22, or leave the flag out" },
    );
  }
}

/** Adds to a graph's recording the flags that are not as TensorFlow.js has them by default. */
export function noteFlags({ ENV }: Engine, graph: Graph): Graph {
  const recording = recordingOf(graph);
  const set = Object.entries(FACTS).flatMap(([name, { usual }]) => {
    const value = ENV.flags[name];
    const isKnown = typeof value === "boolean" || typeof value === "number";
    return isKnown && value !== usual ? [[name, value] as const] : [];
  });
  if (recording === undefined || set.length === 0) return graph;
  annotate(graph, RECORDING, { ...recording, flags: Object.fromEntries(set) });
  return graph;
}

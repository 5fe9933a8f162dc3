import type { Graph } from "../graph.ts";
import { kernel } from "../kernel.ts";
import * as type from "./attribute-types.ts";

/**
 * The kernels of the second dialect: what a WebGPU program submits, whatever library made it. Such an
 * op is a command of a queue, and its values are contents of buffers.
 */

/** Operations of shaders, as `@opcounter/executed` counts them; what is 0 is left out. */
const WORK = {
  multiplyAdds: type.optional(type.number),
  additions: type.optional(type.number),
  multiplications: type.optional(type.number),
  divisions: type.optional(type.number),
  comparisons: type.optional(type.number),
  transcendentals: type.optional(type.number),
  integers: type.optional(type.number),
  loads: type.optional(type.number),
  stores: type.optional(type.number),
  loadBytes: type.optional(type.number),
  storeBytes: type.optional(type.number),
  sharedLoadBytes: type.optional(type.number),
  sharedStoreBytes: type.optional(type.number),
  atomics: type.optional(type.number),
};

/**
 * A dispatch of a compute pipeline: `wgsl.matmul` of one that is named `matmul`. Its operands are the
 * storage buffers that the shader loads from, by the names of its variables; its results, those that
 * it stores to, in the order of `writes`.
 */
export const wgsl = kernel("wgsl", {
  operands: "named",
  work: { kind: "computation" },
  host: "nowhere",
  attrs: {
    /** Which submit of the program it is in, from 0. */
    submit: type.integer,
    /** The names of the variables that are stored to. */
    writes: type.listOf(type.string),
    /** Of these operands nothing is loaded: their results hold what they held where nothing is stored. */
    keeps: type.optional(type.listOf(type.string)),
    /** How many textures and samplers are bound. */
    textures: type.optional(type.integer),
    ...WORK,
    /** The most of each kind that contents of buffers decide; `inf` where there is no bound. */
    atMost: type.optional(type.anything),
    /** What of the work is of invocations without a result. */
    idle: type.optional(type.anything),
    idleInvocations: type.optional(type.number),
    barriers: type.optional(type.number),
    divergences: type.optional(type.number),
    classes: type.optional(type.number),
    /** Why the work is not known, and what kind of reason that is. */
    uncounted: type.optional(type.string),
    problem: type.optional(type.string),
  },
  infer: () => undefined,
});

const command = <const N extends string>(name: N) =>
  kernel(`webgpu.${name}`, {
    operands: "variadic",
    work: { kind: "computation" },
    host: "nowhere",
    attrs: {
      submit: type.optional(type.integer),
      /** The label of a render pipeline. */
      pipeline: type.optional(type.string),
      /** Where a part of a buffer begins, in bytes. */
      offset: type.optional(type.integer),
      /** What the host gives, in bytes. */
      bytes: type.optional(type.integer),
      uncounted: type.optional(type.string),
    },
    infer: () => undefined,
  });

/** Commands that move bytes from buffer to buffer. `view` is a part of a buffer, or several parts. */
export const MOVING_COMMANDS = [
  command("copyBufferToBuffer"),
  command("clearBuffer"),
  command("resolveQuerySet"),
  command("view"),
] as const;

/** Commands of textures and of rendering, whose work nobody counts. */
export const OTHER_COMMANDS = [
  command("copyBufferToTexture"),
  command("copyTextureToBuffer"),
  command("copyTextureToTexture"),
  command("writeTexture"),
  command("copyExternalImageToTexture"),
  command("draw"),
  command("drawIndexed"),
  command("drawIndirect"),
  command("drawIndexedIndirect"),
] as const;

/** The dialects besides TensorFlow.js's own kernels. */
export const DIALECTS = ["wgsl", "webgpu"] as const;
export type Dialect = (typeof DIALECTS)[number];

/** The dialect of a kernel, by what stands before its first dot; undefined for TensorFlow.js's. */
export function opDialect(kernel: string): Dialect | undefined {
  const dot = kernel.indexOf(".");
  return dot === -1 ? undefined : DIALECTS.find((dialect) => kernel.slice(0, dot) === dialect);
}

/** Whether a graph is of a WebGPU program, and not of TensorFlow.js's ops. */
export function isProgram({ ops }: Pick<Graph, "ops">): boolean {
  return ops.some(({ kernel }) => opDialect(kernel) !== undefined);
}

/**
 * The name that a kernel is declared by: its own, or `wgsl` for every dispatch of a recorded program.
 */
export function declaredName(kernel: string): string {
  return opDialect(kernel) === "wgsl" ? wgsl.name : kernel;
}

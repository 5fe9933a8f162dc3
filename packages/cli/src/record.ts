import type { Recorded, RecordOptions } from "@opcounter/recorder";

export type { Recorded, RecordOptions } from "@opcounter/recorder";

/**
 * Runs a program that uses WebGPU and records what it submits, whatever library it uses, with no GPU
 * needed.
 *
 * ```ts
 * const { graph } = await record(() => import("./program.ts"));
 * const { totals } = count(graph);
 * ```
 *
 * The program finds `navigator.gpu`, which is gone, or as it was, when this resolves.
 *
 * @throws OpcounterError as `record` of `@opcounter/recorder`.
 */
export async function record(program: () => unknown, options?: RecordOptions): Promise<Recorded> {
  const recorder = await import("@opcounter/recorder");
  return recorder.record(program, options);
}

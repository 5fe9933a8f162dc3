import { type CostReport, type CountOptions, count } from "@opcounter/counters";
import { type PassRegistry, runPasses } from "@opcounter/ir";
import {
  type ModelInputs,
  recordedMemory,
  type Target,
  type TraceOptions,
  trace,
} from "@opcounter/tracer";
import { passRegistry } from "./passes.ts";

export interface ProfileOptions extends TraceOptions, CountOptions {
  /** Passes to run before counting, such as `canonicalize,fuse`. */
  readonly passes?: string;
  /** Passes that `passes` may name; the built-in ones by default. */
  readonly registry?: PassRegistry;
}

/**
 * Runs a model once and counts what it executes.
 *
 * ```ts
 * const { macs, flops, params } = await profile(model, [tf.zeros([1, 224, 224, 3])]);
 * ```
 *
 * @param target a LayersModel, a GraphModel, or a function of tensors, sync or async.
 * @param inputs the tensors to run it on, in order or by name.
 * @throws UserError where the target cannot be traced or counted as asked; see `trace` and `count`.
 */
export async function profile(
  target: Target,
  inputs: ModelInputs = [],
  options: ProfileOptions = {},
): Promise<CostReport> {
  const recorded = await trace(target, inputs, options);
  const { passes, registry = passRegistry([]) } = options;
  const graph = passes === undefined ? recorded : runPasses(recorded, passes, { registry });
  return count(graph, { observedMemory: recordedMemory(recorded), ...options });
}

import { type CostReport, type CountOptions, count } from "@opcounter/counters";
import { type ModelInputs, type Target, type TraceOptions, trace } from "@opcounter/tracer";

export interface ProfileOptions extends TraceOptions, CountOptions {}

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
  return count(await trace(target, inputs, options), options);
}

import { type CostReport, type CountOptions, count, NATIVE } from "@opcounter/counters";
import { recordingOf } from "@opcounter/ir/core";
import { type ModelInputs, type Target, type TraceOptions, trace } from "@opcounter/tracer";
import { chooseConvention, mergePlugins, type Plugin } from "./plugin.ts";

export interface ProfileOptions extends TraceOptions, CountOptions {
  /** Passes to run before counting, such as `canonicalize,fuse`. */
  readonly passes?: string;
  /** Rules, conventions and passes of your own; rules given in `counters` come before theirs. */
  readonly plugins?: readonly Plugin[];
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
 * @throws OpcounterError where the target cannot be traced or counted as asked; see `trace` and `count`.
 */
export async function profile(
  target: Target,
  inputs: ModelInputs = [],
  options: ProfileOptions = {},
): Promise<CostReport> {
  const { plugins = [], convention: asked = NATIVE } = options;
  const own = mergePlugins([
    ...plugins,
    { counters: options.counters ?? {}, costs: options.costs ?? [] },
  ]);
  const convention = typeof asked === "object" ? asked : chooseConvention(asked, own.conventions);
  const recorded = await trace(target, inputs, options);
  const { passes } = options;
  // A page that runs no passes loads none.
  const graph =
    passes === undefined
      ? recorded
      : (await import("./run-pipeline.ts")).runPipeline(recorded, passes, own);
  const recording = recordingOf(recorded);
  const { counters, costs } = own;
  return count(graph, { recording, ...options, convention, counters, costs });
}

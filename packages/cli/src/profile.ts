import {
  type Convention,
  type CostEvaluator,
  type CostReport,
  type CountOptions,
  countBy,
  native,
  type OwnRules,
} from "@opcounter/counters";
import { type ModelInputs, type Target, type TraceOptions, trace } from "@opcounter/tracer";
import type { MergedPlugins, Plugin } from "./plugin.ts";

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
 *   Where `signal` aborts, its reason; TensorFlow.js is then as it was.
 */
export async function profile(
  target: Target,
  inputs: ModelInputs = [],
  options: ProfileOptions = {},
): Promise<CostReport> {
  const rules = await rulesOf(options);
  const recorded = await trace(target, inputs, options);
  const { passes } = options;
  const graph =
    passes === undefined
      ? recorded
      : (await import("./run-pipeline.ts")).runPipeline(recorded, passes, rules.passes);
  options.signal?.throwIfAborted();
  const total = graph.ops.length;
  options.onProgress?.({ step: "count", done: 0, total });
  const { convention, own, costs } = rules;
  const report = countBy(convention, graph, { recorded, ...options, rules: own, costs });
  options.onProgress?.({ step: "count", done: total, total });
  return report;
}

interface Rules extends Pick<MergedPlugins, "passes"> {
  readonly convention: Convention;
  readonly own: OwnRules | undefined;
  readonly costs: CostEvaluator | undefined;
}

/**
 * What a model is counted by. Plugins, other conventions, costs and passes are loaded where they are
 * asked for, so that a page loads what it uses.
 */
async function rulesOf(options: ProfileOptions): Promise<Rules> {
  const { plugins = [], convention = native, counters, costs = [] } = options;
  const isPlain = plugins.length === 0 && costs.length === 0 && counters === undefined;
  if (isPlain && typeof convention === "object") {
    return { convention, own: undefined, costs: undefined, passes: [] };
  }
  const { costEvaluator, findConvention, mergePlugins, ownRules } = await import("./plugin.ts");
  // What is no list is refused there.
  const given = { ...(counters === undefined ? {} : { counters }), costs };
  const merged = mergePlugins(Array.isArray(plugins) ? [...plugins, given] : plugins);
  const chosen =
    typeof convention === "object" ? convention : findConvention(convention, merged.conventions);
  return {
    convention: chosen,
    own: ownRules(merged.counters, chosen),
    costs: merged.costs.length === 0 ? undefined : costEvaluator(merged.costs),
    passes: merged.passes,
  };
}

import type { CostReport, CountOptions } from "@opcounter/counters";
import { type ModelInputs, type Target, type TraceOptions, trace } from "@opcounter/tracer";
import { count, refuse } from "./count.ts";

/**
 * As the package's `profile`, without `passes`, `plugins` and `costs`.
 *
 * @throws OpcounterError "option-invalid" where one of them is given; see also `trace` and `count`.
 */
export async function profile(
  target: Target,
  inputs: ModelInputs = [],
  options: TraceOptions & CountOptions = {},
): Promise<CostReport> {
  refuse(options, ["passes", "plugins", "costs"]);
  const recorded = await trace(target, inputs, options);
  return count(recorded, { recorded, ...options });
}

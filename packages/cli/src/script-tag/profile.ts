import { type CostReport, type CountOptions, count } from "@opcounter/counters";
import { OpcounterError } from "@opcounter/ir/core";
import { type ModelInputs, type Target, type TraceOptions, trace } from "@opcounter/tracer";

/**
 * As the package's `profile`, without `passes` and `plugins`.
 *
 * @throws OpcounterError "option-invalid" where one of them is given; see also `trace` and `count`.
 */
export async function profile(
  target: Target,
  inputs: ModelInputs = [],
  options: TraceOptions & CountOptions = {},
): Promise<CostReport> {
  for (const name of ["passes", "plugins"]) {
    if (Reflect.get(options, name) === undefined) continue;
    throw new OpcounterError(
      "option-invalid",
      `The option ${name} is not in the script-tag build`,
      {
        remedy: "import profile from the npm package opcounter",
      },
    );
  }
  const recorded = await trace(target, inputs, options);
  return count(recorded, { recorded, ...options });
}

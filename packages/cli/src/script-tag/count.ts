import {
  type CostReport,
  type CountOptions,
  countBy,
  findConvention,
  NATIVE,
  ownRules,
} from "@opcounter/counters";
import { type Graph, OpcounterError } from "@opcounter/ir/core";

/**
 * As the package's `count`, without costs of the user's own.
 *
 * @throws OpcounterError "option-invalid" where `costs` are given; see also the package's `count`.
 */
export function count(graph: Graph, options: CountOptions = {}): CostReport {
  refuse(options, ["costs"]);
  const { convention = NATIVE, counters } = options;
  const found = typeof convention === "object" ? convention : findConvention(convention);
  const rules = counters === undefined ? undefined : ownRules(counters, found);
  return countBy(found, graph, { ...options, rules, costs: undefined });
}

/** Refuses options of the package that this build is too small for. */
export function refuse(options: object, names: readonly string[]): void {
  const given = names.find((name) => Reflect.get(options, name) !== undefined);
  if (given === undefined) return;
  throw new OpcounterError("option-invalid", `The option ${given} is not in the script-tag build`, {
    remedy: "use the npm package opcounter",
  });
}

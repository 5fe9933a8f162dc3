import {
  CONVENTION_NAMES,
  type Convention,
  type CostReport,
  type CountOptions,
  count,
  findConvention,
} from "@opcounter/counters";
import { type Graph, OpcounterError } from "@opcounter/ir";

/**
 * What all conventions but the one named count of a graph: the built-in ones, then the user's own.
 * A cost of the user's own may use a quantity that a convention lacks. Then that report has none of
 * the costs, and a warning that says why.
 */
export function countByOthers(
  graph: Graph,
  name: string,
  own: ReadonlyMap<string, Convention>,
  options: CountOptions,
): CostReport[] {
  const others = [...CONVENTION_NAMES, ...own.keys()].filter((other) => other !== name);
  return others.map((other) => {
    const rules = { ...options, convention: findConvention(other, own), strict: false };
    try {
      return count(graph, rules);
    } catch (error) {
      if (!(error instanceof OpcounterError) || error.code !== "quantity-uncounted") throw error;
      const report = count(graph, { ...rules, costs: [] });
      return { ...report, warnings: [...report.warnings, error.message] };
    }
  });
}

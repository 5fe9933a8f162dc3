import {
  CONVENTIONS,
  type Convention,
  type CostReport,
  type CountOptions,
  count,
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
  const others = [...CONVENTIONS.values(), ...own.values()].filter((each) => each.name !== name);
  return others.map((convention) => {
    const rules = { ...options, convention, strict: false };
    try {
      return count(graph, rules);
    } catch (error) {
      if (!(error instanceof OpcounterError) || error.code !== "quantity-uncounted") throw error;
      const report = count(graph, { ...rules, costs: [] });
      return { ...report, warnings: [...report.warnings, error.message] };
    }
  });
}

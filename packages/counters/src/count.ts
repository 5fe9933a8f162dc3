import type { Graph } from "@opcounter/ir/core";
import type { Convention } from "./conventions/convention.ts";
import { findConvention, NATIVE } from "./conventions/registry.ts";
import type { CostDefinition } from "./costs/cost.ts";
import { costEvaluator } from "./costs/own-costs.ts";
import { type CountingOptions, countBy } from "./count-by.ts";
import type { CostReport } from "./report/report.ts";
import { type Counters, ownRules } from "./rules/own-rules.ts";

export interface CountOptions extends Omit<CountingOptions, "costs" | "rules"> {
  /** Rules that come before the built-in ones. */
  readonly counters?: Counters;
  /** A convention's name, `native` by default, or one of the user's own. */
  readonly convention?: string | Convention;
  /** Quantities of the user's own, such as energy; see `CostDefinition`. */
  readonly costs?: readonly CostDefinition[];
}

/**
 * Counts what a graph costs, op by op.
 *
 * Every total is the sum of the report's rows and exact, past 2^53 too. The graph is not changed.
 *
 * @throws OpcounterError where the convention is unknown, where a rule or a cost of the user's own
 *   misbehaves, and "kernel-uncounted" where, if `strict`, nothing knows how to count a kernel.
 */
export function count(graph: Graph, options: CountOptions = {}): CostReport {
  const { convention = NATIVE, counters, costs = [] } = options;
  const found = typeof convention === "object" ? convention : findConvention(convention);
  return countBy(found, graph, {
    ...options,
    rules: counters === undefined ? undefined : ownRules(counters, found),
    costs: costs.length === 0 ? undefined : costEvaluator(costs),
  });
}

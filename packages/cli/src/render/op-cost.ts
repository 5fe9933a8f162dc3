import type { Cost, CostReport } from "@opcounter/counters";
import { figuresOf, headlineOf } from "./figures.ts";

/** The cost that --sort names, MACs by default, and what an op has of it; 0 where it is not known. */
export function opCost(report: CostReport, sort: string | undefined) {
  const name = sort ?? headlineOf(report);
  const figure = figuresOf(report).find((each) => each.name === name);
  const none = { ops: null, calls: null, params: null, shared: null, memory: null };
  return { name, of: (cost: Cost) => Number(figure?.valueIn({ ...cost, ...none }) ?? 0) };
}

import type { Cost, CostColumn, CostReport, OpFormula } from "@opcounter/counters";
import { amount } from "./numbers.ts";

/** Name, value and meaning of each, for the list of totals. */
export function ownTotals({ costs, totals }: CostReport): [string, string, string][] {
  return costs.map((cost) => {
    const { name, unit, description, total } = cost;
    const what =
      total === "max" ? `${unit}, the largest: ${description}` : `${unit}: ${description}`;
    return [name, amount(costIn(totals, cost)), what];
  });
}

/** The user's own costs of an op with their numbers: `energy = 4.6·1,000`; a function has none. */
export function ownFormulas({ costs }: CostReport, row: Cost, { costs: formulas }: OpFormula) {
  return costs.map((cost) => {
    const quantity = cost.name;
    return { quantity, numbers: formulas?.[quantity]?.numbers ?? amount(costIn(row, cost)) };
  });
}

function costIn(row: Cost, { name }: CostColumn): number | bigint {
  const value = row.costs[name];
  if (value === undefined) throw new Error(`a row has no cost ${name}`);
  return value;
}

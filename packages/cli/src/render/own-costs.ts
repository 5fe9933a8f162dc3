import type { Cost, CostColumn, CostReport, OpFormula } from "@opcounter/counters";
import type { DataColumn } from "./data-table.ts";
import { amount, shortAmount } from "./numbers.ts";

/** One column per cost of the user's own. */
export function ownColumns({ costs }: CostReport): DataColumn<{ readonly cost: Cost }>[] {
  return costs.map((column) => ({
    ...{ title: `${column.name} (${column.unit})`, align: "right", rank: 8.5 },
    value: ({ cost }) => costIn(cost, column),
    text: ({ cost }) => shortAmount(costIn(cost, column)),
  }));
}

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

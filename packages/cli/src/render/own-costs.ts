import {
  BASIC_QUANTITIES,
  type Cost,
  type CostColumn,
  type CostReport,
  type OpFormula,
} from "@opcounter/counters";
import { namesToChoose, OpcounterError } from "@opcounter/ir";
import type { DataColumn } from "./data-table.ts";
import { amount, shortAmount } from "./numbers.ts";

/** The quantities that `--sort` takes, besides the user's own costs. */
const SORTABLE = [...BASIC_QUANTITIES, "gpuTimeMs"] as const satisfies readonly (keyof Cost)[];

/**
 * Checks the value of `--sort`.
 *
 * @param own the names of the user's own costs.
 * @throws OpcounterError where there is no such quantity.
 */
export function checkSort(sort: string | undefined, own: readonly string[]): void {
  const names = [...SORTABLE, ...own];
  if (sort === undefined || names.includes(sort)) return;
  throw new OpcounterError("cost-unknown", `There is no cost "${sort}" to sort by.`, {
    remedy: namesToChoose(sort, names),
  });
}

/** The value that a row is sorted by. Rows where it is not known come last. */
export function weightOf(cost: Cost, sort: string): number {
  const basic = SORTABLE.find((name) => name === sort);
  const value = basic === undefined ? cost.costs[sort] : cost[basic];
  return Number(value ?? 0);
}

/** Below MACs, so that a long name leaves them, and above all else. */
const RANK = 8.5;

/** One column per cost of the user's own. */
export function ownColumns({ costs }: CostReport): DataColumn<{ readonly cost: Cost }>[] {
  return costs.map((column) => ({
    ...{ title: titleOf(column), align: "right", rank: RANK },
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

function titleOf({ name, unit }: CostColumn): string {
  return `${name} (${unit})`;
}

function costIn(row: Cost, { name }: CostColumn): number | bigint {
  const value = row.costs[name];
  if (value === undefined) throw new Error(`a row has no cost ${name}`);
  return value;
}

import { type Cost, type CostTables, costByTables } from "../costs/cost.ts";
import type { Quantity } from "../formulas/formula.ts";

/** The quantities that conventions count, as costs. */
const FACTS = {
  macs: { name: "macs", unit: "MACs", description: "multiply-accumulate pairs of contractions" },
  flops: { name: "flops", unit: "FLOPs", description: "two per pair, and all other arithmetic" },
  transcendentals: {
    name: "transcendentals",
    unit: "operations",
    description: "exponentials, logarithms, roots, trigonometric functions and powers",
  },
} as const satisfies Readonly<Record<Quantity, Pick<Cost, "name" | "unit" | "description">>>;

/** A quantity as a convention counts it, by tables of expressions. */
export function quantityBy(quantity: Quantity, tables: Partial<CostTables>): Cost {
  return costByTables({ ...FACTS[quantity], total: "sum" }, tables);
}

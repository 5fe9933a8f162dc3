import type { Cost } from "../costs/cost.ts";
import type { Quantity } from "../formulas/formula.ts";
import { DIALECT_FORMULAS, FORMULAS } from "../formulas/registry.ts";
import type { Convention } from "./convention.ts";
import { quantityBy } from "./quantities.ts";

const formulas = [...FORMULAS.values(), ...DIALECT_FORMULAS.values()];

/** A quantity by the formula of each kernel. */
function byFormula(quantity: Quantity): Cost {
  const kernels = new Map(
    formulas.flatMap(({ kernel, expressions }) => {
      const expression = expressions[quantity];
      return expression === undefined ? [] : [[kernel, expression] as const];
    }),
  );
  return quantityBy(quantity, { kernels });
}

/** opcounter's own convention, whose rules are the formulas themselves. */
export const native: Convention = {
  name: "native",
  description: "opcounter's own: what runs, with MACs, FLOPs and transcendentals apart",
  costs: {
    macs: byFormula("macs"),
    flops: byFormula("flops"),
    transcendentals: byFormula("transcendentals"),
  },
  symbols: new Map(),
  sources: new Map(
    formulas.map(({ kernel, status, source }) => [
      kernel,
      status === "bound" ? `upper bound: ${source}` : source,
    ]),
  ),
  bounds: new Set(formulas.filter(({ status }) => status === "bound").map(({ kernel }) => kernel)),
  countsWhatRuns: true,
  groups: undefined,
};

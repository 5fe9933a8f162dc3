import { didYouMean, repeatedName, UserError } from "@opcounter/ir/core";
import { readText } from "../conventions/check.ts";
import {
  type SymbolFunctions,
  symbolsOfKernel,
  symbolTable,
} from "../conventions/kernel-symbols.ts";
import { SHARED_SYMBOLS } from "../conventions/shared-symbols.ts";
import type { Expression } from "../expressions/expression.ts";
import { FORMULAS } from "../formulas/registry.ts";
import { BASIC_QUANTITIES, type CostDefinition } from "./cost.ts";

/** A value as an expression that was read, or as the user's function. */
export type Value<F> = Expression | F | undefined;

/** A cost whose texts have been read. */
export interface Cost extends Pick<CostDefinition, "name" | "unit" | "description" | "total"> {
  readonly kernels: ReadonlyMap<string, Expression>;
  readonly op: Value<Exclude<CostDefinition["op"], string | undefined>>;
  readonly layer: Value<Exclude<CostDefinition["layer"], string | undefined>>;
  readonly group: Value<Exclude<CostDefinition["group"], string | undefined>>;
  readonly scope: Value<Exclude<CostDefinition["scope"], string | undefined>>;
}

/** The symbols of kernels that the texts of costs may use, as those of conventions may. */
export const COST_SYMBOLS: ReadonlyMap<string, SymbolFunctions> = symbolTable(SHARED_SYMBOLS);

/**
 * Reads costs. Each may use those before it.
 *
 * @throws UserError where a name is taken or no word, a kernel or symbol is not known, a text can be
 *   negative, or a cost has no value.
 */
export function readCosts(definitions: readonly CostDefinition[]): readonly Cost[] {
  const names = [...BASIC_QUANTITIES, ...definitions.map(({ name }) => name)];
  const twice = repeatedName(names);
  if (twice !== undefined) {
    throw new UserError(`Two costs are called "${twice}"; rename the plugin's.`);
  }
  return definitions.map((definition, i) => {
    return readCost(definition, new Set(names.slice(0, BASIC_QUANTITIES.length + i)));
  });
}

function readCost(definition: CostDefinition, known: ReadonlySet<string>): Cost {
  const { name, unit, description, total, kernels = {}, op, layer, group, scope } = definition;
  const whose = `The cost ${name}`;
  if (!/^[A-Za-z_]\w*$/.test(name)) {
    throw new UserError(`A cost is called "${name}"; a name is one word, such as energy.`);
  }
  if (total !== "sum" && total !== "max") {
    throw new UserError(`${whose} has the total "${total}"; it is "sum" or "max".`);
  }
  const values = [op, layer, group, scope];
  if (Object.keys(kernels).length === 0 && values.every((value) => value === undefined)) {
    throw new UserError(
      `${whose} has no value; give it one by op, kernels, layer, group or scope.`,
    );
  }
  const read = <F>(of: string, value: F | string): F | Expression =>
    typeof value === "string" ? readText(whose, of, value, known) : value;
  return {
    name,
    unit,
    description,
    total,
    kernels: new Map(
      Object.entries(kernels).map(([kernel, text]) => [kernel, readKernel(whose, kernel, text)]),
    ),
    op: read("an op", op),
    layer: read("a layer", layer),
    group: read("a group", group),
    scope: read("a scope", scope),
  };
}

function readKernel(whose: string, kernel: string, text: string): Expression {
  if (!FORMULAS.has(kernel)) {
    throw new UserError(
      `${whose} counts ${kernel}, which is no kernel of TensorFlow.js.${didYouMean(kernel, FORMULAS.keys())}`,
    );
  }
  return readText(whose, kernel, text, new Set(Object.keys(symbolsOfKernel(kernel, COST_SYMBOLS))));
}

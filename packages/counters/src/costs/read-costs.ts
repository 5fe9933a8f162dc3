import { OpcounterError, repeatedName } from "@opcounter/ir/core";
import { type SymbolFunctions, symbolTable } from "../conventions/kernel-symbols.ts";
import { readTables } from "../conventions/read-tables.ts";
import { readText } from "../conventions/read-text.ts";
import { SHARED_SYMBOLS } from "../conventions/shared-symbols.ts";
import type { Expression } from "../expressions/expression.ts";
import { checkParts } from "../known-parts.ts";
import { BASIC_QUANTITIES, type Cost, type CostDefinition } from "./cost.ts";

/** The symbols of kernels that the texts of costs may use, as those of conventions may. */
export const COST_SYMBOLS: ReadonlyMap<string, SymbolFunctions> = symbolTable(SHARED_SYMBOLS);

const PARTS = Object.keys({
  ...{ name: true, unit: true, description: true, total: true },
  ...{ kernels: true, layers: true, patterns: true },
  ...{ op: true, layer: true, group: true, scope: true },
} satisfies Record<keyof CostDefinition, true>);

/**
 * Reads costs. Each may use those before it.
 *
 * @throws OpcounterError where a name is taken or no word, a kernel or symbol is not known, a text can be
 *   negative, or a cost has no value.
 */
export function readCosts(definitions: readonly CostDefinition[]): readonly Cost[] {
  for (const [i, cost] of definitions.entries()) {
    checkParts("cost-invalid", `costs[${i}]`, cost, PARTS);
  }
  const names = [...BASIC_QUANTITIES, ...definitions.map(({ name }) => name)];
  const twice = repeatedName(names);
  if (twice !== undefined) {
    throw invalid(`Two costs are called "${twice}"`, "rename the plugin's");
  }
  return definitions.map((definition, i) => {
    return readCost(definition, new Set(names.slice(0, BASIC_QUANTITIES.length + i)));
  });
}

function invalid(sentence: string, remedy: string): OpcounterError {
  return new OpcounterError("cost-invalid", sentence, { remedy });
}

function readCost(definition: CostDefinition, known: ReadonlySet<string>): Cost {
  const { name, unit, description, total, op, layer, group, scope } = definition;
  const whose = `The cost ${name}`;
  if (!/^[A-Za-z_]\w*$/.test(name)) {
    throw invalid(`A cost is called "${name}"`, "a name is one word, such as energy");
  }
  if (total !== "sum" && total !== "max") {
    throw invalid(`${whose} has the total "${total}"`, 'it must be "sum" or "max"');
  }
  const tables = [definition.kernels, definition.layers, definition.patterns];
  if ([...tables, op, layer, group, scope].every((value) => value === undefined)) {
    throw invalid(`${whose} has no value`, "give it one by op, kernels, layer, group or scope");
  }
  const read = <F>(of: string, value: F | string): F | Expression =>
    typeof value === "function" || value === undefined
      ? value
      : readText(whose, of, value as string, known);
  return {
    name,
    unit,
    description,
    total,
    ...readTables(whose, definition, COST_SYMBOLS),
    op: read("an op", op),
    layer: read("a layer", layer),
    group: read("a group", group),
    scope: read("a scope", scope),
  };
}

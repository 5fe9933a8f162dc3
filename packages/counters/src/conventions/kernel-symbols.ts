import {
  describeOp,
  type Graph,
  type KernelName,
  type KernelOp,
  type Op,
  OpcounterError,
  reasonOf,
} from "@opcounter/ir/core";
import {
  type Expression,
  type Symbols,
  type SymbolValue,
  symbolsIn,
} from "../expressions/expression.ts";
import { COMMON_SYMBOLS, type OpInGraph, type SymbolOf, typedOp } from "../formulas/formula.ts";
import { formulaOf } from "../formulas/registry.ts";

/** Symbols beside those of the kernels' formulas, by kernel: each a function of the typed op. */
export type KernelSymbols = {
  readonly [N in KernelName]?: Readonly<Record<string, SymbolOf<N>>>;
};

/** Symbols of one kernel, by name. */
export type SymbolFunctions = Readonly<Record<string, SymbolOf<KernelName>>>;

/** The symbols of each kernel that has any in one of the tables. */
export function symbolTable(
  ...tables: readonly KernelSymbols[]
): ReadonlyMap<string, SymbolFunctions> {
  const byKernel = new Map<string, SymbolFunctions>();
  for (const [kernel, symbols] of tables.flatMap((table) => Object.entries(table))) {
    // Sound: a kernel's symbols are only ever given ops of that kernel.
    const functions = symbols as SymbolFunctions;
    byKernel.set(kernel, { ...byKernel.get(kernel), ...functions });
  }
  return byKernel;
}

/** All that a text for a kernel may use: N and M, its formula's symbols, and those of a table. */
export function symbolsOfKernel(
  kernel: string,
  table: ReadonlyMap<string, SymbolFunctions>,
): SymbolFunctions {
  return { ...COMMON_SYMBOLS, ...formulaOf(kernel)?.symbols, ...table.get(kernel) };
}

/** Computes symbols of one kernel's ops. */
export type SymbolReader = (graph: Graph, op: Op) => Symbols;

/** What computes the symbols that some expressions use, and no others: some are expensive. */
export function symbolReader(
  kernel: string,
  expressions: Iterable<Expression>,
  table: ReadonlyMap<string, SymbolFunctions>,
): SymbolReader {
  const functions = symbolsOfKernel(kernel, table);
  const names = new Set([...expressions].flatMap((expression) => [...symbolsIn(expression)]));
  const used = [...names].flatMap((name) => {
    const symbol = functions[name];
    return symbol === undefined ? [] : [{ name, symbol }];
  });
  const areCommon = used.every(({ name, symbol }) => symbol === Reflect.get(COMMON_SYMBOLS, name));
  return (graph, op) => {
    const place = { graph, op };
    // Sound: N and M look at the graph alone. Most ops have no other.
    const typed = areCommon ? (op as unknown as KernelOp<KernelName>) : typedOp(place);
    const symbols: Record<string, SymbolValue> = {};
    for (const { name, symbol } of used) symbols[name] = symbolOf(name, symbol, typed, place);
    return symbols;
  };
}

/** @throws OpcounterError where a symbol of the user's own throws, or is no integer of at least 0. */
function symbolOf(
  name: string,
  symbol: SymbolOf<KernelName>,
  op: KernelOp<KernelName>,
  place: OpInGraph,
): SymbolValue {
  let value: SymbolValue;
  try {
    value = symbol(op, place);
  } catch (error) {
    throw failed(name, place, `throws: ${reasonOf(error)}`);
  }
  if (isSymbolValue(value)) return value;
  throw failed(name, place, `is ${String(value)}, which is no integer of at least 0`);
}

function isSymbolValue(value: unknown): boolean {
  if (Array.isArray(value)) return value.every(isSymbolValue);
  return typeof value === "bigint" ? value >= 0n : Number.isInteger(value) && Number(value) >= 0;
}

function failed(name: string, { op }: OpInGraph, how: string): OpcounterError {
  const sentence = `The symbol ${name} of ${describeOp(op)} ${how}`;
  return new OpcounterError("expression-failed", sentence, {
    remedy: "mend it in the convention's symbols",
  });
}

import { namesToChoose, OpcounterError, PATTERN_NAMES, similarName } from "@opcounter/ir/core";
import type { CostTables } from "../costs/cost.ts";
import type { Expression } from "../expressions/expression.ts";
import { FORMULAS } from "../formulas/registry.ts";
import { type SymbolFunctions, symbolsOfKernel } from "./kernel-symbols.ts";
import { readText } from "./read-text.ts";
import { LAYER_SYMBOLS, PATTERN_SYMBOLS } from "./whole-symbols.ts";

/** Texts by kernel, layer class and pattern. */
type Texts = { readonly [T in keyof CostTables]?: Readonly<Record<string, string>> };

/**
 * Reads the tables of a convention, or of a cost.
 *
 * @param whose it, for messages: `The convention adds@1`.
 * @param symbols the symbols of kernels beside those of their formulas.
 * @throws OpcounterError where a table is no object, a kernel or pattern is not known, or a text cannot be read, has a symbol
 *   that is not there, or can be negative.
 */
export function readTables(
  whose: string,
  { kernels = {}, layers = {}, patterns = {} }: Texts,
  symbols: ReadonlyMap<string, SymbolFunctions>,
): CostTables {
  return {
    kernels: read(whose, "kernels", kernels, (kernel) => {
      checkKernels(`${whose} counts`, [kernel]);
      return Object.keys(symbolsOfKernel(kernel, symbols));
    }),
    layers: read(whose, "layers", layers, () => LAYER_SYMBOLS),
    patterns: read(whose, "patterns", patterns, (pattern) => {
      if (!PATTERN_NAMES.has(pattern)) throw unknownPattern(whose, pattern);
      return PATTERN_SYMBOLS;
    }),
  };
}

function read(
  whose: string,
  table: keyof CostTables,
  texts: Readonly<Record<string, string>>,
  symbolsAt: (of: string) => readonly string[],
): ReadonlyMap<string, Expression> {
  // A plugin's definition may be one that no compiler has checked.
  if (typeof texts !== "object" || texts === null || Array.isArray(texts)) {
    throw new OpcounterError("expression-invalid", `${whose} has ${table} that are no object`, {
      remedy: `give ${table} as { name: "text" }, or leave them out`,
    });
  }
  return new Map(
    Object.entries(texts).map(([of, text]) => {
      return [of, readText(whose, of, text, new Set(symbolsAt(of)))];
    }),
  );
}

/**
 * @param doing what the kernels are named for: `The convention adds@1 counts`.
 * @throws OpcounterError that names the first that there is not.
 */
export function checkKernels(doing: string, kernels: readonly string[]): void {
  const unknown = kernels.find((kernel) => !FORMULAS.has(kernel));
  if (unknown === undefined) return;
  throw new OpcounterError(
    "kernel-unknown",
    `${doing} ${unknown}, which is no kernel of TensorFlow.js.`,
    { remedy: similarName(unknown, FORMULAS.keys()) },
  );
}

function unknownPattern(whose: string, pattern: string): OpcounterError {
  return new OpcounterError(
    "pattern-unknown",
    `${whose} counts the pattern ${pattern}, which fuse does not know.`,
    { remedy: namesToChoose(pattern, PATTERN_NAMES) },
  );
}

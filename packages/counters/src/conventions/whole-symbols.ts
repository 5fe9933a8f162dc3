import type { SymbolValue } from "../expressions/expression.ts";

/** A value for each of the symbols. */
export type WholeSymbols<S extends string> = { readonly [P in S]: SymbolValue };

/** What a convention's text for a whole layer may use; `rules/whole-calls.ts` gives the values. */
export const LAYER_SYMBOLS = ["N", "M", "R", "I", "H", "s", "b", "P", "B"] as const;
export type LayerSymbol = (typeof LAYER_SYMBOLS)[number];

/** What a convention's text for a pattern may use; `rules/whole-groups.ts` gives the values. */
export const PATTERN_SYMBOLS = ["N", "M", "R", "F", "s", "B"] as const;
export type PatternSymbol = (typeof PATTERN_SYMBOLS)[number];

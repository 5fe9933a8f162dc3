import { didYouMean, type KernelName, PATTERN_NAMES, UserError } from "@opcounter/ir/core";
import type { Expression } from "../expressions/expression.ts";
import type { TextOver } from "../expressions/words.ts";
import type { Quantity } from "../formulas/formula.ts";
import { FORMULAS, type FormulaSymbol } from "../formulas/registry.ts";
import { readText } from "./check.ts";
import {
  type KernelSymbols,
  type SymbolFunctions,
  symbolsOfKernel,
  symbolTable,
} from "./kernel-symbols.ts";
import { SHARED_SYMBOLS } from "./shared-symbols.ts";
import {
  LAYER_SYMBOLS,
  type LayerSymbol,
  PATTERN_SYMBOLS,
  type PatternSymbol,
} from "./whole-symbols.ts";

/** How a convention counts one quantity, in expressions. What has none counts 0. */
export interface CostRules {
  /** The figure of an op by its kernel, in the kernel's symbols. */
  readonly kernels: ReadonlyMap<string, Expression>;
  /**
   * The figure of a whole layer by its class, in the symbols of `LAYER_SYMBOLS`; the ops inside then
   * count nothing of their own.
   */
  readonly layers: ReadonlyMap<string, Expression>;
  /**
   * The figure of ops that are recognised as one, by the pattern's name (`layer-norm`, `softmax`), in
   * the symbols of `PATTERN_SYMBOLS`.
   */
  readonly patterns: ReadonlyMap<string, Expression>;
}

/** How a tool of this field counts, or opcounter itself: data over the same graph. */
export interface Convention {
  /** With its version: `thop@2019-07`. */
  readonly name: string;
  /** One sentence on whose rules these are. */
  readonly description: string;
  /** The quantities it has figures for, the main one first. Reports have null for the others. */
  readonly costs: Readonly<Partial<Record<Quantity, CostRules>>>;
  /** By kernel: symbols beside those of the kernel's formula. Computed only where a text has them. */
  readonly symbols: ReadonlyMap<string, SymbolFunctions>;
  /** By kernel: why it counts as it does, where the convention says so. */
  readonly sources: ReadonlyMap<string, string>;
  /** The kernels whose figure is an upper bound, since their work depends on values. */
  readonly bounds: ReadonlySet<string>;
  /** Whether its MACs and FLOPs are the operations that run, as `native`'s are. */
  readonly countsWhatRuns: boolean;
}

/** What a convention is declared by: a tool gives one figure per op, and perhaps transcendentals. */
export interface ConventionDefinition {
  readonly name: string;
  readonly description: string;
  /** What the tool calls its figure. */
  readonly unit: "macs" | "flops";
  /** An expression per kernel; a kernel left out counts 0, which is what the tool says of it. */
  readonly kernels: Readonly<Partial<Record<KernelName, string>>>;
  readonly layers?: Readonly<Record<string, string>>;
  readonly patterns?: Readonly<Record<string, string>>;
  /** Where the tool counts transcendentals beside its figure; left out where it does not. */
  readonly transcendentals?: Readonly<Partial<Record<KernelName, string>>>;
  /** Symbols that only this convention needs. */
  readonly symbols?: KernelSymbols;
}

type NamesOf<T> = T extends object ? keyof T & string : never;
type SymbolsAt<Table, N> = N extends keyof Table ? NamesOf<NonNullable<Table[N]>> : never;

/** The symbols that a convention's text for a kernel may use, with those that it brings itself. */
type SymbolsFor<N, Own> = N extends KernelName
  ? FormulaSymbol<N> | SymbolsAt<typeof SHARED_SYMBOLS, N> | SymbolsAt<Own, N>
  : never;

/** The text that stands at an entry which may be left out. */
type TextOf<T> = T extends string ? T : never;

type CheckedKernels<Texts, Own> = {
  readonly [N in keyof Texts]: TextOver<TextOf<Texts[N]>, SymbolsFor<N, Own>>;
};
type CheckedTexts<Texts, Known extends string> = {
  readonly [N in keyof Texts]: TextOver<TextOf<Texts[N]>, Known>;
};

/** A definition whose texts use only symbols that are there; others do not compile. */
type CheckedDefinition<D extends ConventionDefinition> = {
  readonly kernels: CheckedKernels<D["kernels"], D["symbols"]>;
  readonly transcendentals?: CheckedKernels<D["transcendentals"], D["symbols"]>;
  readonly layers?: CheckedTexts<D["layers"], LayerSymbol>;
  readonly patterns?: CheckedTexts<D["patterns"], PatternSymbol>;
};

/**
 * Declares a convention. A text with a symbol that its kernel, layer or pattern does not have is a
 * type error.
 *
 * @throws UserError where a kernel or pattern is not known, or an expression cannot be read, has a
 *   symbol that is not there, or can be negative.
 */
export function convention<const D extends ConventionDefinition>(
  definition: D & CheckedDefinition<D>,
): Convention {
  return readConvention(definition);
}

/** As `convention`, of a definition that no compiler has checked, such as a plugin's. */
export function readConvention(definition: ConventionDefinition): Convention {
  const { name, description, unit, kernels, layers = {}, patterns = {} } = definition;
  const whose = `The convention ${name}`;
  if (unit !== "macs" && unit !== "flops") {
    throw new UserError(`${whose} has the unit "${unit}"; it is "macs" or "flops".`);
  }
  const symbols = symbolTable(SHARED_SYMBOLS, definition.symbols ?? {});
  const read = (
    texts: Readonly<Record<string, string>>,
    symbolsAt: (of: string) => readonly string[],
  ) =>
    new Map(
      Object.entries(texts).map(([of, text]) => {
        return [of, readText(whose, of, text, new Set(symbolsAt(of)))];
      }),
    );
  const ofKernels = (texts: Readonly<Record<string, string>>) =>
    read(texts, (kernel) => {
      if (!FORMULAS.has(kernel)) throw unknownKernel(whose, kernel);
      return Object.keys(symbolsOfKernel(kernel, symbols));
    });
  const { transcendentals } = definition;
  return {
    name,
    description,
    costs: {
      [unit]: {
        kernels: ofKernels(kernels),
        layers: read(layers, () => LAYER_SYMBOLS),
        patterns: read(patterns, (pattern) => {
          if (!PATTERN_NAMES.has(pattern)) throw unknownPattern(whose, pattern);
          return PATTERN_SYMBOLS;
        }),
      },
      ...(transcendentals === undefined
        ? {}
        : { transcendentals: { ...NO_WHOLES, kernels: ofKernels(transcendentals) } }),
    },
    symbols,
    sources: new Map(),
    bounds: new Set(),
    countsWhatRuns: false,
  };
}

/** Rules that count nothing as a whole. */
export const NO_WHOLES = { layers: new Map(), patterns: new Map() } satisfies Partial<CostRules>;

function unknownKernel(whose: string, kernel: string): UserError {
  return new UserError(
    `${whose} counts ${kernel}, which is no kernel of TensorFlow.js.${didYouMean(kernel, FORMULAS.keys())}`,
  );
}

function unknownPattern(whose: string, pattern: string): UserError {
  return new UserError(
    `${whose} counts the pattern ${pattern}, which fuse does not know.${didYouMean(pattern, PATTERN_NAMES)} The patterns are ${[...PATTERN_NAMES].join(", ")}.`,
  );
}

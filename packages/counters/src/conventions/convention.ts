import {
  type Analysis,
  type Group,
  type KernelName,
  OpcounterError,
  patternGroups,
} from "@opcounter/ir/core";
import type { Cost } from "../costs/cost.ts";
import type { TextOver } from "../expressions/words.ts";
import type { Quantity } from "../formulas/formula.ts";
import type { FormulaSymbol } from "../formulas/registry.ts";
import { checkParts } from "../known-parts.ts";
import { type KernelSymbols, type SymbolFunctions, symbolTable } from "./kernel-symbols.ts";
import { quantityBy } from "./quantities.ts";
import { checkKernels, readTables } from "./read-tables.ts";
import { SHARED_SYMBOLS } from "./shared-symbols.ts";
import type { LayerSymbol, PatternSymbol } from "./whole-symbols.ts";

/** How a tool of this field counts, or opcounter itself: data over the same graph. */
export interface Convention {
  /** With its version: `thop@2019-07`. */
  readonly name: string;
  /** One sentence on whose rules these are. */
  readonly description: string;
  /** The quantities it counts. Reports have null for the others. */
  readonly costs: Readonly<Partial<Record<Quantity, Cost>>>;
  /** By kernel: symbols beside those of the kernel's formula. Computed only where a text has them. */
  readonly symbols: ReadonlyMap<string, SymbolFunctions>;
  /** By kernel: why it counts as it does, where the convention says so. */
  readonly sources: ReadonlyMap<string, string>;
  /** The kernels whose figure is an upper bound, since their work depends on values. */
  readonly bounds: ReadonlySet<string>;
  /** Whether its MACs and FLOPs are the operations that run, as `native`'s are. */
  readonly countsWhatRuns: boolean;
  /**
   * Finds the ops that it counts as one, such as a layer normalization; undefined where it counts
   * all op by op. A page that counts by `native` alone does not load it.
   */
  readonly groups: Analysis<readonly Group[]> | undefined;
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
  /** Where a tool whose figure is FLOPs gives MACs beside it; left out where it does not. */
  readonly macs?: Readonly<Partial<Record<KernelName, string>>>;
  /** Where the tool counts transcendentals beside its figure; left out where it does not. */
  readonly transcendentals?: Readonly<Partial<Record<KernelName, string>>>;
  /** Symbols that only this convention needs. */
  readonly symbols?: KernelSymbols;
}

const PARTS = Object.keys({
  ...{ name: true, description: true, unit: true, symbols: true },
  ...{ kernels: true, layers: true, patterns: true, macs: true, transcendentals: true },
} satisfies Record<keyof ConventionDefinition, true>);

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
  readonly macs?: CheckedKernels<D["macs"], D["symbols"]>;
  readonly transcendentals?: CheckedKernels<D["transcendentals"], D["symbols"]>;
  readonly layers?: CheckedTexts<D["layers"], LayerSymbol>;
  readonly patterns?: CheckedTexts<D["patterns"], PatternSymbol>;
};

/**
 * Declares a convention. A text with a symbol that its kernel, layer or pattern does not have is a
 * type error.
 *
 * @throws OpcounterError where a kernel or pattern is not known, or an expression cannot be read, has a
 *   symbol that is not there, or can be negative.
 */
export function convention<const D extends ConventionDefinition>(
  definition: D & CheckedDefinition<D>,
): Convention {
  return readConvention(definition);
}

/** A definition that the compiler has checked, as `convention` would, and that is read when it is used. */
export function declared<const D extends ConventionDefinition>(
  definition: D & CheckedDefinition<D>,
): ConventionDefinition {
  return definition;
}

/** As `convention`, of a definition that no compiler has checked, such as a plugin's. */
export function readConvention(definition: ConventionDefinition): Convention {
  const { name, description, unit, kernels, layers = {}, patterns = {} } = definition;
  const whose = `The convention ${name}`;
  checkParts("convention-invalid", whose, definition, PARTS);
  if (unit !== "macs" && unit !== "flops") {
    throw new OpcounterError("convention-invalid", `${whose} has the unit "${unit}"`, {
      remedy: 'it must be "macs" or "flops"',
    });
  }
  const { macs, transcendentals } = definition;
  if (macs !== undefined && unit === "macs") {
    throw new OpcounterError(
      "convention-invalid",
      `${whose} has the unit "macs" and macs beside it`,
      { remedy: 'give its unit as "flops"' },
    );
  }
  checkKernels(`${whose} has symbols of`, Object.keys(definition.symbols ?? {}));
  const symbols = symbolTable(SHARED_SYMBOLS, definition.symbols ?? {});
  /** A quantity beside the tool's figure, by kernel alone. */
  const beside = (quantity: Quantity, texts: ConventionDefinition["kernels"] | undefined) =>
    texts === undefined
      ? {}
      : { [quantity]: quantityBy(quantity, readTables(whose, { kernels: texts }, symbols)) };
  return {
    name,
    description,
    costs: {
      [unit]: quantityBy(unit, readTables(whose, { kernels, layers, patterns }, symbols)),
      ...beside("macs", macs),
      ...beside("transcendentals", transcendentals),
    },
    symbols,
    sources: new Map(),
    bounds: new Set(),
    countsWhatRuns: false,
    groups: Object.keys(patterns).length === 0 ? undefined : patternGroups,
  };
}

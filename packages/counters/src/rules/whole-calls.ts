import type { Call, Graph, Op, TensorType } from "@opcounter/ir/core";
import type { Convention } from "../conventions/convention.ts";
import type { LayerSymbol, WholeSymbols } from "../conventions/whole-symbols.ts";
import { exactSize } from "../expressions/integer.ts";
import { CountedCall, enclosing } from "./counted.ts";
import { expressionsFor, type Figures, hasAny, Rule, sumOfFigures } from "./figures.ts";
import { callToCount } from "./to-count.ts";
import { wrappedCells } from "./wrapped-cells.ts";

/**
 * The calls that are counted as a whole, by id: those of the user's own rules, and those whose class
 * the convention has a figure for. That figure gives way where ops or calls inside are ignored or
 * counted by rules of the user's own; the others are then counted one by one.
 */
export function wholeCalls(
  graph: Graph,
  convention: Convention,
  own: ReadonlyMap<number, CountedCall>,
  isIgnored: (scope: readonly string[]) => boolean,
  isTaken: (op: Op) => boolean,
): Map<number, CountedCall> {
  const counted = new Map(own);
  if (Object.values(convention.costs).every(({ layers: texts }) => texts.size === 0))
    return counted;
  const gaveWay = new Set<number>();
  const giveWay = (call: number | undefined) => {
    for (let at = call; at !== undefined; at = graph.calls[at]?.parent) gaveWay.add(at);
  };
  for (const op of graph.ops) if (isTaken(op)) giveWay(op.call);
  for (const { call } of own.values()) giveWay(call.parent);
  for (const call of layerCalls(graph, isIgnored)) {
    if (gaveWay.has(call.id) || enclosing(graph, call.id, counted) !== undefined) continue;
    const figures = wholeFigures(graph, call, convention);
    if (figures !== undefined) counted.set(call.id, new CountedCall(call, figures));
  }
  return counted;
}

type SymbolsOf<Subject> = (graph: Graph, subject: Subject) => WholeSymbols<LayerSymbol>;

/**
 * What a convention counts for a call as a whole: by the text for its class, or, where the call wraps
 * cells, by those for the layers that have such cells. Undefined where it has no text.
 */
function wholeFigures(graph: Graph, call: Call, convention: Convention): Figures | undefined {
  const figuresFor = <S>(className: string, subject: S, symbolsOf: SymbolsOf<S>) => {
    const expressions = expressionsFor(convention, "layers", className);
    if (!hasAny(expressions)) return undefined;
    const note = `${convention.name} counts the layer class ${className} as a whole`;
    const rule = new Rule(expressions, symbolsOf, convention, { by: "whole", note });
    return rule.figuresOf(graph, subject);
  };
  const own = figuresFor(call.className, call, callSymbols);
  if (own !== undefined) return own;
  const cells = wrappedCells(graph, call).map((cell) =>
    figuresFor(cell.className, cell, (_, { symbols }) => symbols),
  );
  const known = cells.filter((cell) => cell !== undefined);
  return known.length === cells.length && known.length > 0 ? sumOfFigures(known) : undefined;
}

/** The calls of layers that are not left out. */
export function layerCalls(graph: Graph, isIgnored: (scope: readonly string[]) => boolean): Call[] {
  return graph.calls.filter(({ kind, scope }) => kind === "layer" && !isIgnored(scope));
}

/**
 * What a convention may use of a layer: N and M, the elements of its inputs and results; R rows of
 * I features in its first input, and the H features of its first result; s and b, 1 where it has
 * parameters and where one of them is a bias, that is, a vector; P, the elements of its weights, and
 * B, the length of its first result's first axis.
 */
export function callSymbols(graph: Graph, call: Call): WholeSymbols<LayerSymbol> {
  const { inputs, results, params } = callToCount(graph, call);
  const size = (types: readonly TensorType[]) =>
    types.reduce((total, { shape }) => total + exactSize(shape), 0n);
  // A layer without inputs or results, and one of scalars, is a row of one feature.
  const [input, result] = [inputs[0]?.shape ?? [], results[0]?.shape ?? []];
  return {
    N: size(inputs),
    M: size(results),
    R: input.slice(0, -1),
    I: input.at(-1) ?? 1,
    H: result.at(-1) ?? 1,
    s: params.length > 0 ? 1 : 0,
    b: params.some(({ shape }) => shape.length === 1) ? 1 : 0,
    P: size(params.filter(({ role }) => role === "weight")),
    B: result[0] ?? 1,
  };
}

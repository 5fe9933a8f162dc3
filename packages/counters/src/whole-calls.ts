import { type Call, type Graph, sizeOf, valueAt } from "@opcounter/ir";
import type { Convention } from "./conventions/convention.ts";
import type { CountedCall } from "./counted.ts";
import type { Symbols } from "./expression.ts";
import { figuresOf } from "./figures.ts";
import { applyRule, byOwnRule, type Counters, callToCount, inScope } from "./rules.ts";

/** The calls that a rule for their class counts as a whole, by id. */
export function countCalls(
  graph: Graph,
  convention: Convention | undefined,
  counters: Counters,
  isIgnored: (scope: readonly string[]) => boolean,
): Map<number, CountedCall> {
  const counted = new Map<number, CountedCall>();
  for (const call of graph.calls) {
    if (call.kind !== "layer" || isIgnored(call.scope)) continue;
    // A call inside one that is counted as a whole is counted with it.
    if (enclosing(graph, call.parent, counted) !== undefined) continue;
    const rule = ownProperty(counters.layers, call.className);
    const figure = convention?.layers.get(call.className);
    if (rule !== undefined) {
      const what = `for layer class ${call.className}${inScope(call.scope)}`;
      const arithmetic = applyRule(rule, callToCount(graph, call), what);
      const formula = byOwnRule(`layer class ${call.className}`);
      counted.set(call.id, { call, arithmetic, formula });
    } else if (convention !== undefined && figure !== undefined) {
      const note = `${convention.name} counts the layer class ${call.className} as a whole`;
      const figures = { [convention.unit]: figure };
      counted.set(call.id, {
        call,
        ...figuresOf(figures, callSymbols(graph, call), convention, note),
      });
    }
  }
  return counted;
}

function ownProperty<T>(record: Readonly<Record<string, T>> | undefined, name: string) {
  return record !== undefined && Object.hasOwn(record, name) ? record[name] : undefined;
}

/** The innermost call counted as a whole that contains a call, itself included. */
export function enclosing(
  graph: Graph,
  call: number | undefined,
  counted: ReadonlyMap<number, CountedCall>,
): CountedCall | undefined {
  if (counted.size === 0) return undefined;
  for (let at = call; at !== undefined; at = graph.calls[at]?.parent) {
    const found = counted.get(at);
    if (found !== undefined) return found;
  }
  return undefined;
}

/**
 * What a convention may use of a layer: N and M, the elements of its inputs and results; R rows of
 * I features in its first input, and the H features of its first result; s and b, 1 where it has
 * parameters and where one of them is a bias, that is, a vector.
 */
function callSymbols(graph: Graph, call: Call): Symbols {
  const size = (ids: readonly number[]) =>
    ids.reduce((total, id) => total + sizeOf(valueAt(graph, id).shape), 0);
  const [input, result] = [call.inputs[0], call.results[0]].map((id) =>
    id === undefined ? [] : valueAt(graph, id).shape,
  );
  const params = call.params.map((id) => valueAt(graph, id));
  return {
    N: size(call.inputs),
    M: size(call.results),
    R: input?.slice(0, -1) ?? [],
    I: input?.at(-1) ?? 1,
    H: result?.at(-1) ?? 1,
    s: params.length > 0 ? 1 : 0,
    b: params.some(({ shape }) => shape.length === 1) ? 1 : 0,
  };
}

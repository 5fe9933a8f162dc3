import {
  analyse,
  elementAt,
  type Graph,
  type Group,
  type Op,
  sizeOf,
  valueAt,
} from "@opcounter/ir/core";
import type { Convention } from "../conventions/convention.ts";
import type { PatternSymbol, WholeSymbols } from "../conventions/whole-symbols.ts";
import { parameterBehind } from "../formulas/parameter-behind.ts";
import { opAt } from "../op-at.ts";
import { expressionsFor, type Figures, hasAny, nothing, Rule } from "./figures.ts";

/**
 * What a convention counts as one op and tfjs runs as several, such as a layer normalization, by
 * op: the last op of such a group has the figure, the others have nothing. A group with an op that
 * is taken (ignored, or counted by a rule of the user's own or with its layer) is counted op by op.
 */
export function wholeGroups(
  graph: Graph,
  convention: Convention,
  isTaken: (op: Op) => boolean,
): ReadonlyMap<number, Figures> {
  const counted = new Map<number, Figures>();
  if (convention.groups === undefined) return counted;
  for (const group of analyse(graph, convention.groups)) {
    const expressions = expressionsFor(convention, "patterns", group.pattern);
    const last = group.ops.at(-1);
    if (!hasAny(expressions) || last === undefined) continue;
    const isOpen = group.ops.some((id) => {
      return isTaken(opAt(graph, id));
    });
    if (isOpen) continue;
    for (const op of group.ops) {
      const note = `counted with the ${group.pattern} that ends at op ${last}`;
      counted.set(op, { arithmetic: nothing(convention), formula: { by: "whole", note } });
    }
    const note = `${convention.name} counts ${group.pattern} as one op`;
    const rule = new Rule(expressions, groupSymbols, convention, { by: "whole", note });
    counted.set(last, rule.figuresOf(graph, group));
  }
  return counted;
}

/**
 * What a convention may use of a group: N and M, the elements of its result; R, the rows that it
 * reduces to one number each, and F, the elements of a row; B, the length of the result's first axis;
 * s, 1 where a parameter scales or shifts.
 */
export function groupSymbols(graph: Graph, { ops }: Group): WholeSymbols<PatternSymbol> {
  const inside = ops.map((id) => opAt(graph, id));
  const shapes = inside.flatMap(({ results }) => results.map((id) => valueAt(graph, id).shape));
  const result = elementAt(shapes, shapes.length - 1);
  const rows = Math.min(...shapes.map(sizeOf));
  const isAffine = inside.some(({ operands }) =>
    Object.values(operands).some((id) => {
      const param = parameterBehind(graph, id);
      return param !== undefined && sizeOf(param.shape) > 1;
    }),
  );
  return {
    N: result,
    M: result,
    R: rows,
    F: rows === 0 ? 0 : sizeOf(result) / rows,
    B: result[0] ?? 1,
    s: isAffine ? 1 : 0,
  };
}

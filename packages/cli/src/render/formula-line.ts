import type { CostReport, OpRow } from "@opcounter/counters";
import { ownFormulas } from "./own-costs.ts";

/** An op's formulas with their numbers, without what is 0: `macs = 3·4; flops = 2·3·4`. */
export function formulaOf(report: CostReport, { cost, formula }: OpRow): string {
  const { macs, flops, transcendentals, note } = formula;
  const given = [
    ...Object.entries({ macs, flops, transcendentals }).flatMap(([quantity, provenance]) =>
      provenance === undefined ? [] : [{ quantity, numbers: provenance.numbers }],
    ),
    ...ownFormulas(report, cost, formula),
  ];
  const kept = given
    .map(({ quantity, numbers }) => ({ quantity, numbers: withoutZeros(numbers) }))
    .filter(({ numbers }) => numbers !== "");
  const shown = kept.length === 0 ? given : kept;
  if (shown.length === 0) return note;
  return shown.map(({ quantity, numbers }) => `${quantity} = ${numbers}`).join("; ");
}

/** A sum in numbers, without the terms that have a factor 0. */
function withoutZeros(sum: string): string {
  const isZero = (term: string) =>
    outsideParentheses(term, " − ").length === 1 && outsideParentheses(term, "·").includes("0");
  return outsideParentheses(sum, " + ")
    .filter((term) => !isZero(term))
    .join(" + ");
}

/** Splits a formula at the separators that are outside parentheses. */
function outsideParentheses(formula: string, separator: string): string[] {
  const parts: string[] = [];
  for (const piece of formula.split(separator)) {
    const last = parts.at(-1);
    if (last === undefined || last.split("(").length === last.split(")").length) parts.push(piece);
    else parts.push(`${parts.pop()}${separator}${piece}`);
  }
  return parts;
}

import { UserError } from "@opcounter/ir";
import type { Convention } from "../conventions/convention.ts";
import { type Expression, evaluate, format, type Symbols } from "../expressions/expression.ts";
import { QUANTITIES, type Quantity } from "../formulas/formula.ts";
import type { Arithmetic } from "../report/cost-sum.ts";
import type { OpFormula } from "../report/report.ts";

/** What an op, a layer or a group counts, and how that came about. */
export interface Figures {
  readonly arithmetic: Arithmetic;
  readonly formula: OpFormula;
}

/** Evaluates expressions, and keeps how: in symbols and in numbers. */
export function figuresOf(
  expressions: Readonly<Partial<Record<Quantity, Expression>>>,
  symbols: Symbols,
  convention: Convention | undefined,
  by: Pick<OpFormula, "by" | "note">,
): Figures {
  const arithmetic: { -readonly [Q in keyof Arithmetic]: Arithmetic[Q] } = {
    ...nothing(convention),
  };
  const formula: { -readonly [Q in keyof OpFormula]: OpFormula[Q] } = { ...by };
  for (const quantity of QUANTITIES) {
    const expression = expressions[quantity];
    if (expression === undefined) continue;
    arithmetic[quantity] = valueOfExpression(expression, symbols, convention);
    formula[quantity] = { symbols: format(expression), numbers: format(expression, symbols) };
  }
  return { arithmetic, formula };
}

/** @throws UserError where a convention's expression cannot be evaluated. */
function valueOfExpression(
  expression: Expression,
  symbols: Symbols,
  convention: Convention | undefined,
): bigint {
  try {
    return evaluate(expression, symbols);
  } catch (error) {
    if (convention === undefined || !(error instanceof Error)) throw error;
    throw new UserError(
      `The convention ${convention.name} counts by ${format(expression)}, where ${error.message}; the symbols here are ${Object.keys(symbols).join(", ")}.`,
    );
  }
}

/** Zero where the convention has a figure, null where it has none. */
export function nothing(convention: Convention | undefined): Arithmetic {
  if (convention === undefined) return { macs: 0n, flops: 0n, transcendentals: 0n };
  const transcendentals = convention.transcendentals === undefined ? null : 0n;
  return { macs: null, flops: null, transcendentals, [convention.unit]: 0n };
}

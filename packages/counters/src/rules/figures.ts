import { type Graph, OpcounterError } from "@opcounter/ir/core";
import type { Convention } from "../conventions/convention.ts";
import type { CostTables } from "../costs/cost.ts";
import { evaluate } from "../expressions/evaluate.ts";
import type { Expression, Symbols } from "../expressions/expression.ts";
import { format } from "../expressions/format.ts";
import type { Integer } from "../expressions/integer.ts";
import { QUANTITIES, type Quantity } from "../formulas/formula.ts";
import { type Arithmetic, plusOrNull } from "../report/cost-sum.ts";
import type { OpFormula } from "../report/report.ts";

/** What an op, a layer or a group counts, and how that came about. */
export interface Figures {
  readonly arithmetic: Arithmetic;
  readonly formula: OpFormula;
}

/** An expression for each quantity that something has. */
export type Expressions = Readonly<Partial<Record<Quantity, Expression>>>;

/** What a convention has for a kernel, a layer class or a pattern, in each of its quantities. */
export function expressionsFor(
  { costs }: Convention,
  kind: keyof CostTables,
  name: string,
): Expressions {
  const found: { [Q in Quantity]?: Expression } = {};
  for (const quantity of QUANTITIES) {
    const expression = costs[quantity]?.[kind].get(name);
    if (expression !== undefined) found[quantity] = expression;
  }
  return found;
}

/** Whether there is an expression for any quantity. */
export function hasAny(expressions: Expressions): boolean {
  return Object.keys(expressions).length > 0;
}

/** How a convention counts things of one kind: the ops of a kernel, the calls of a layer class. */
export class Rule<Subject> {
  readonly #expressions: Expressions;
  readonly #symbolsOf: (graph: Graph, subject: Subject) => Symbols;
  readonly #convention: Convention;
  readonly #by: Pick<OpFormula, "by" | "note">;
  /** What everything counts to which no expression applies, such as all ops that only move data. */
  readonly #constant: Figures | undefined;

  /** @param symbolsOf the symbols' values. It is asked again for the texts. */
  constructor(
    expressions: Expressions,
    symbolsOf: (graph: Graph, subject: Subject) => Symbols,
    convention: Convention,
    by: Pick<OpFormula, "by" | "note">,
  ) {
    this.#expressions = expressions;
    this.#symbolsOf = symbolsOf;
    this.#convention = convention;
    this.#by = by;
    this.#constant = hasAny(expressions)
      ? undefined
      : { arithmetic: nothing(convention), formula: by };
  }

  /** What something counts. @throws OpcounterError where that cannot be evaluated, or is negative. */
  figuresOf(graph: Graph, subject: Subject): Figures {
    if (this.#constant !== undefined) return this.#constant;
    const symbols = this.#symbolsOf(graph, subject);
    return new EvaluatedFigures(
      this.#figure("macs", symbols),
      this.#figure("flops", symbols),
      this.#figure("transcendentals", symbols),
      this,
      graph,
      subject,
    );
  }

  /** How the figures of something came about. */
  formulaOf(graph: Graph, subject: Subject): OpFormula {
    const formula: { -readonly [Q in keyof OpFormula]: OpFormula[Q] } = { ...this.#by };
    const symbols = this.#symbolsOf(graph, subject);
    for (const quantity of QUANTITIES) {
      const expression = this.#expressions[quantity];
      if (expression === undefined) continue;
      formula[quantity] = { symbols: format(expression), numbers: format(expression, symbols) };
    }
    return formula;
  }

  #figure(quantity: Quantity, symbols: Symbols): Integer | null {
    const expression = this.#expressions[quantity];
    if (expression !== undefined) return figureOf(expression, symbols, this.#convention);
    return this.#convention.costs[quantity] === undefined ? null : 0;
  }
}

/**
 * How a figure came about is written down when it is asked for: most formulas are never read, and
 * texts take longer than figures. A graph may have millions of ops, so this is one object.
 */
class EvaluatedFigures<Subject> implements Figures, Arithmetic {
  #formula: OpFormula | undefined;

  constructor(
    readonly macs: Integer | null,
    readonly flops: Integer | null,
    readonly transcendentals: Integer | null,
    private readonly rule: Rule<Subject>,
    private readonly graph: Graph,
    private readonly subject: Subject,
  ) {}

  get arithmetic(): Arithmetic {
    return this;
  }

  get formula(): OpFormula {
    this.#formula ??= this.rule.formulaOf(this.graph, this.subject);
    return this.#formula;
  }
}

/** Several figures as one, such as those of the cells that a layer stacks. */
export function sumOfFigures(all: readonly Figures[]): Figures {
  return all.reduce((sum, figures) => {
    const { macs, flops, transcendentals } = sum.arithmetic;
    const arithmetic = { macs, flops, transcendentals };
    const formula: { -readonly [Q in keyof OpFormula]: OpFormula[Q] } = { ...sum.formula };
    for (const quantity of QUANTITIES) {
      arithmetic[quantity] = plusOrNull(sum.arithmetic[quantity], figures.arithmetic[quantity]);
      const [left, right] = [sum.formula[quantity], figures.formula[quantity]];
      if (left === undefined || right === undefined) continue;
      formula[quantity] = {
        symbols: `${left.symbols} + ${right.symbols}`,
        numbers: `${left.numbers} + ${right.numbers}`,
      };
    }
    if (figures.formula.note !== sum.formula.note) {
      formula.note = `${sum.formula.note}; ${figures.formula.note}`;
    }
    return { arithmetic, formula };
  });
}

/** @throws OpcounterError where an expression cannot be evaluated, or is negative. */
function figureOf(expression: Expression, symbols: Symbols, { name }: Convention): Integer {
  let value: Integer;
  try {
    value = evaluate(expression, symbols);
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    throw new OpcounterError(
      "expression-failed",
      `The convention ${name} counts by ${format(expression)}, where ${error.message}.`,
    );
  }
  if (value >= 0) return value;
  throw new OpcounterError(
    "expression-failed",
    `The convention ${name} counts by ${format(expression)}, which is ${value} here: ${format(expression, symbols)}; no cost is negative.`,
  );
}

/** Zero where the convention has a figure, null where it has none. */
export function nothing({ costs }: Convention): Arithmetic {
  const zero = (quantity: Quantity) => (costs[quantity] === undefined ? null : 0);
  return { macs: zero("macs"), flops: zero("flops"), transcendentals: zero("transcendentals") };
}

import { OpcounterError, reasonOf } from "@opcounter/ir/core";
import { evaluateFraction, type FractionSymbols } from "../expressions/evaluate.ts";
import { type Expression, symbolsIn } from "../expressions/expression.ts";
import { format } from "../expressions/format.ts";
import { type Fraction, fractionOfNumber, numberOfFraction } from "../expressions/fraction.ts";
import type { Provenance } from "../report/report.ts";

/** A value of a cost. */
export interface CostValue {
  readonly value: Fraction;
  /** How it came about, where it is an expression's. */
  readonly formula?: Provenance;
}

/** What a value is of, for messages. */
export interface Place {
  readonly cost: string;
  readonly convention: string;
  /** `at op 3 (Relu) in scope "head"`. */
  readonly where: string;
}

/**
 * The value of an expression.
 *
 * @throws OpcounterError where a symbol is not counted, something is divided by 0, or it is negative.
 */
export function valueOfExpression(
  expression: Expression,
  symbols: FractionSymbols,
  place: Place,
): CostValue {
  const missing = [...symbolsIn(expression)].find((name) => !Object.hasOwn(symbols, name));
  if (missing !== undefined) throw uncountedQuantity(missing, place);
  const formula = { symbols: format(expression), numbers: format(expression, shown(symbols)) };
  let value: Fraction;
  try {
    value = evaluateFraction(expression, symbols);
  } catch (error) {
    const { cost, where } = place;
    throw new OpcounterError(
      "cost-failed",
      `The cost ${cost} cannot be computed ${where}: in ${formula.numbers} there is ${reasonOf(error)}.`,
    );
  }
  if (value.top < 0n) throw noCost(String(numberOfFraction(value)), place);
  return { value, formula };
}

/** Fractions as the numbers that people read. */
function shown(symbols: FractionSymbols) {
  return Object.fromEntries(
    Object.entries(symbols).map(([name, value]) => [
      name,
      typeof value === "object" && "top" in value ? numberOfFraction(value) : value,
    ]),
  );
}

/**
 * What a function of the user's own returns; undefined where it returns that.
 *
 * @throws OpcounterError where it throws, or returns anything else than a finite number of at least 0.
 */
export function valueOfFunction<T>(
  compute: (subject: T) => unknown,
  subject: T,
  place: Place,
): CostValue | undefined {
  let result: unknown;
  try {
    result = compute(subject);
  } catch (error) {
    if (error instanceof OpcounterError) throw error;
    const { cost, where } = place;
    throw new OpcounterError("cost-failed", `The cost ${cost} threw ${where}: ${reasonOf(error)}`, {
      cause: error,
    });
  }
  if (result === undefined) return undefined;
  // What a promise rejects with must not end the program.
  if (result instanceof Promise) result.catch(() => undefined);
  if (!isCost(result)) throw noCost(describe(result), place);
  return { value: fractionOfNumber(result) };
}

function isCost(value: unknown): value is number | bigint {
  if (typeof value === "bigint") return value >= 0n;
  return typeof value === "number" && Number.isFinite(value) && value >= 0;
}

/** A cost uses what the convention does not count. */
export function uncountedQuantity(quantity: string, { cost, convention }: Place): OpcounterError {
  return new OpcounterError(
    "quantity-uncounted",
    `The cost ${cost} uses ${quantity}, which the convention ${convention} does not count`,
    { remedy: "count by native" },
  );
}

/** What is given is no cost. */
export function noCost(value: string, { cost, where }: Place): OpcounterError {
  return new OpcounterError("cost-failed", `The cost ${cost} is ${value} ${where}`, {
    remedy: "it must be a finite number of at least 0",
  });
}

function describe(value: unknown): string {
  if (typeof value === "number" || typeof value === "bigint") return String(value);
  if (value instanceof Promise) return "a promise";
  return value === null ? "null" : `a ${typeof value}`;
}

import { type Expression, symbolsIn } from "./expression.ts";
import { format } from "./format.ts";
import { decimal, type Fraction, isLess, minus, over, plus, times, whole } from "./fraction.ts";

/** What is known of a symbol wherever it stands. */
export interface SymbolFacts {
  /** The least it can be. */
  readonly least: 0 | 1;
  /** Whether it is 0 or 1. */
  readonly isFlag: boolean;
  /** The symbols it is the product of, where it is one. */
  readonly product?: readonly string[];
}

/**
 * Whether an expression is at least 0 whatever its symbols are, as far as algebra shows it: each
 * symbol is written as its least value and a rest of at least 0, and then no coefficient may be
 * negative. `(K - 1) * M` passes, since K is at least 1. What does not pass may still be never
 * negative; `max(…, 0)` around it says so.
 */
export function isNeverNegative(
  expression: Expression,
  factsOf: (symbol: string) => SymbolFacts,
): boolean {
  if (!hasDifference(expression)) return true;
  const flags = [...symbolsIn(expression)].filter((name) => factsOf(name).isFlag);
  return assignments(flags).every((flagValues) => {
    const polynomial = polynomialOf(expression, { factsOf, flagValues });
    return polynomial !== undefined && isPlainlyNonNegative(polynomial);
  });
}

/** Symbols and numbers are at least 0, so without a difference nothing is negative. */
function hasDifference(expression: Expression): boolean {
  switch (expression.kind) {
    case "number":
    case "symbol":
      return false;
    case "call":
      return expression.operands.some(hasDifference);
    default:
      return (
        expression.kind === "-" || hasDifference(expression.left) || hasDifference(expression.right)
      );
  }
}

/** Every way of setting flags to 0 and 1. */
function assignments(flags: readonly string[]): ReadonlyMap<string, bigint>[] {
  return Array.from(
    { length: 2 ** flags.length },
    (_, bits) => new Map(flags.map((name, i) => [name, BigInt((bits >> i) & 1)])),
  );
}

/** Coefficients by monomial: the variables of at least 0 that it is the product of, sorted. */
type Polynomial = ReadonlyMap<string, Fraction>;

const ONE = "";
const SEPARATOR = "\n";

interface Context {
  readonly factsOf: (symbol: string) => SymbolFacts;
  readonly flagValues: ReadonlyMap<string, bigint>;
}

/** The polynomial that an expression is; undefined where nothing is known of its sign. */
function polynomialOf(expression: Expression, context: Context): Polynomial | undefined {
  switch (expression.kind) {
    case "number":
      return new Map([[ONE, decimal(expression.digits)]]);
    case "symbol":
      return polynomialOfSymbol(expression.name, context);
    case "call":
      return polynomialOfCall(expression, context);
  }
  const left = polynomialOf(expression.left, context);
  const right = polynomialOf(expression.right, context);
  if (left === undefined || right === undefined) return undefined;
  switch (expression.kind) {
    case "+":
      return sumOf(left, right, plus);
    case "-":
      return sumOf(left, right, minus);
    case "*":
      return productOf(left, right);
    case "/": {
      const divisor = right.get(ONE);
      if (right.size === 1 && divisor !== undefined) {
        return new Map([...left].map(([monomial, value]) => [monomial, over(value, divisor)]));
      }
      const isPositive = isPlainlyNonNegative(left) && isPlainlyNonNegative(right);
      return isPositive ? variable(format(expression)) : undefined;
    }
  }
}

function polynomialOfSymbol(name: string, context: Context): Polynomial {
  const flag = context.flagValues.get(name);
  if (flag !== undefined) return new Map([[ONE, whole(flag)]]);
  const { least, product } = context.factsOf(name);
  if (product !== undefined) {
    return product
      .map((factor) => polynomialOfSymbol(factor, context))
      .reduce(productOf, new Map([[ONE, whole(1n)]]));
  }
  return sumOf(variable(name), new Map([[ONE, whole(BigInt(least))]]), plus);
}

/** A function's value as a variable of at least 0; undefined where it may be less. */
function polynomialOfCall(
  call: Expression & { readonly kind: "call" },
  context: Context,
): Polynomial | undefined {
  const areNonNegative = call.operands.map((operand) => {
    const polynomial = polynomialOf(operand, context);
    return polynomial !== undefined && isPlainlyNonNegative(polynomial);
  });
  const isNonNegative = {
    max: areNonNegative.some(Boolean),
    min: areNonNegative.every(Boolean),
    floor: areNonNegative.every(Boolean),
    ceil: areNonNegative.every(Boolean),
    // Of what is less than 1 it is 0.
    log2: true,
  };
  return isNonNegative[call.name] ? variable(format(call)) : undefined;
}

function variable(name: string): Polynomial {
  return new Map([[name, whole(1n)]]);
}

function isPlainlyNonNegative(polynomial: Polynomial): boolean {
  return [...polynomial.values()].every((coefficient) => !isLess(coefficient, whole(0n)));
}

function sumOf(
  left: Polynomial,
  right: Polynomial,
  join: (a: Fraction, b: Fraction) => Fraction,
): Polynomial {
  const sum = new Map(left);
  for (const [monomial, value] of right) {
    sum.set(monomial, join(sum.get(monomial) ?? whole(0n), value));
  }
  return sum;
}

function productOf(left: Polynomial, right: Polynomial): Polynomial {
  const product = new Map<string, Fraction>();
  for (const [a, x] of left) {
    for (const [b, y] of right) {
      const factors = [a, b].flatMap((monomial) => (monomial === ONE ? [] : [monomial]));
      const monomial = factors.join(SEPARATOR).split(SEPARATOR).sort().join(SEPARATOR);
      product.set(monomial, plus(product.get(monomial) ?? whole(0n), times(x, y)));
    }
  }
  return product;
}

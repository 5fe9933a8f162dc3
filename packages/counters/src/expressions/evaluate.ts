import type { Expression, FunctionName, Operator, Symbols, SymbolValue } from "./expression.ts";
import { format } from "./format.ts";
import {
  ceilOf,
  decimal,
  type Fraction,
  floorOf,
  isLess,
  minus,
  over,
  plus,
  times,
  whole,
} from "./fraction.ts";
import { exact, type Integer } from "./integer.ts";

/**
 * The exact value of an expression.
 *
 * @throws Error where a symbol has no value, something is divided by 0, or the result is no integer.
 */
export function evaluate(expression: Expression, symbols: Symbols): Integer {
  const value = inNumbers(expression)(symbols);
  if (!Number.isNaN(value)) return value;
  const { top, bottom } = evaluateFraction(expression, symbols);
  if (bottom !== 1n) throw new Error(`${format(expression)} is ${top}/${bottom}, no integer`);
  return exact(top);
}

/** What symbols stand for, where they need not be integers. */
export type FractionSymbols = Readonly<Record<string, SymbolValue | Fraction>>;

/** The exact value of an expression that need not be an integer. Throws as `evaluate` does. */
export function evaluateFraction(expression: Expression, symbols: FractionSymbols): Fraction {
  switch (expression.kind) {
    case "number":
      return decimal(expression.digits);
    case "symbol":
      return fractionOf(lookUp(expression.name, symbols));
    case "call": {
      const [a = whole(0n), b = whole(0n)] = expression.operands.map((operand) =>
        evaluateFraction(operand, symbols),
      );
      return EXACT_FUNCTIONS[expression.name](a, b);
    }
    default:
      return EXACT_OPERATORS[expression.kind](
        evaluateFraction(expression.left, symbols),
        evaluateFraction(expression.right, symbols),
      );
  }
}

const EXACT_OPERATORS = { "+": plus, "-": minus, "*": times, "/": over } as const;

const EXACT_FUNCTIONS = {
  floor: (a: Fraction) => whole(floorOf(a)),
  ceil: (a: Fraction) => whole(ceilOf(a)),
  log2: (a: Fraction) => whole(floorOf(a) > 1n ? BigInt((floorOf(a) - 1n).toString(2).length) : 0n),
  max: (a: Fraction, b: Fraction) => (isLess(a, b) ? b : a),
  min: (a: Fraction, b: Fraction) => (isLess(a, b) ? a : b),
} satisfies Record<FunctionName, (a: Fraction, b: Fraction) => Fraction>;

function fractionOf(value: SymbolValue | Fraction): Fraction {
  if (typeof value !== "object") return whole(BigInt(value));
  if ("top" in value) return value;
  return whole(value.reduce((product, factor) => product * BigInt(factor), 1n));
}

/** @throws Error where a symbol has no value. */
function lookUp<T>(name: string, symbols: Readonly<Record<string, T>>): T {
  const value = Object.hasOwn(symbols, name) ? symbols[name] : undefined;
  if (value === undefined) throw new Error(`the symbol ${name} has no value`);
  return value;
}

/**
 * An expression in plain numbers: the value, or NaN where it or anything on the way to it is no
 * integer that a number holds exactly. Then it is computed in fractions of big integers.
 */
type InNumbers = (symbols: Symbols) => number;

const compiled = new WeakMap<Expression, InNumbers>();

/** An expression as a closure, made once. */
function inNumbers(expression: Expression): InNumbers {
  let closure = compiled.get(expression);
  if (closure === undefined) {
    closure = compile(expression);
    compiled.set(expression, closure);
  }
  return closure;
}

function compile(expression: Expression): InNumbers {
  switch (expression.kind) {
    case "number": {
      const value = safe(Number(expression.digits));
      return () => value;
    }
    case "symbol": {
      const { name } = expression;
      return (symbols) => numberOf(lookUp(name, symbols));
    }
    case "call": {
      const apply = FUNCTIONS[expression.name];
      const [a, b = a] = expression.operands.map(compile);
      if (a === undefined || b === undefined) throw new Error(`${expression.name} has no operand`);
      return (symbols) => apply(a(symbols), b(symbols));
    }
    default: {
      const apply = OPERATORS[expression.kind];
      const [left, right] = [compile(expression.left), compile(expression.right)];
      return (symbols) => apply(left(symbols), right(symbols));
    }
  }
}

function safe(value: number): number {
  return Number.isSafeInteger(value) ? value : Number.NaN;
}

function numberOf(value: SymbolValue): number {
  if (typeof value === "number") return safe(value);
  if (typeof value === "bigint") return Number.NaN;
  let product = 1;
  // By index, as in `sizeOf`.
  for (let at = 0; at < value.length; at++) product = safe(product * (value[at] ?? Number.NaN));
  return product;
}

const OPERATORS: Readonly<Record<Operator, (a: number, b: number) => number>> = {
  "+": (a, b) => safe(a + b),
  "-": (a, b) => safe(a - b),
  // Adding 0 makes −0, which no integer is, 0.
  "*": (a, b) => safe(a * b + 0),
  // A quotient that is rounded would be no integer: this one has no remainder.
  "/": (a, b) => (a % b === 0 ? a / b + 0 : Number.NaN),
};

/** Of integers all of them are integers; NaN stays NaN. */
const FUNCTIONS: Readonly<Record<FunctionName, (a: number, b: number) => number>> = {
  floor: (a) => a,
  ceil: (a) => a,
  log2: (a) => (Number.isNaN(a) ? a : bitsOf(a - 1)),
  max: Math.max,
  min: Math.min,
};

/** How many binary digits an integer below 2^53 has; 0 where it is not positive. */
function bitsOf(value: number): number {
  if (value <= 0) return 0;
  const high = Math.floor(value / 2 ** 32);
  return high > 0 ? 64 - Math.clz32(high) : 32 - Math.clz32(value);
}

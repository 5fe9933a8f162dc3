import {
  ceilOf,
  type Fraction,
  floorOf,
  isLess,
  minus,
  over,
  plus,
  times,
  whole,
} from "./fraction.ts";

/**
 * Arithmetic over named whole numbers, written as text: `(K - 1) * M + b * M`. Formulas are kept
 * as such text, so that one source is evaluated exactly, shown in symbols and shown with numbers.
 *
 * There are + − * /, parentheses, whole numbers, names, and the functions floor(a), ceil(a),
 * max(a, b), min(a, b) and log2(a), which is the binary logarithm rounded up.
 */
export type Expression =
  | { readonly kind: "number"; readonly value: bigint }
  | { readonly kind: "symbol"; readonly name: string }
  | { readonly kind: "call"; readonly name: FunctionName; readonly operands: readonly Expression[] }
  | {
      readonly kind: "+" | "-" | "*" | "/";
      readonly left: Expression;
      readonly right: Expression;
    };

/** A whole number, or one as the product of these factors, such as the dimensions of a shape. */
export type SymbolValue = number | bigint | readonly number[];

/** What symbols stand for in one op. */
export type Symbols = Readonly<Record<string, SymbolValue>>;

const FUNCTIONS = {
  floor: (a: Fraction) => whole(floorOf(a)),
  ceil: (a: Fraction) => whole(ceilOf(a)),
  max: (a: Fraction, b: Fraction) => (isLess(a, b) ? b : a),
  min: (a: Fraction, b: Fraction) => (isLess(a, b) ? a : b),
  log2: (a: Fraction) => whole(floorOf(a) > 1n ? BigInt((floorOf(a) - 1n).toString(2).length) : 0n),
} satisfies Record<string, (...operands: [Fraction, Fraction]) => Fraction>;
type FunctionName = keyof typeof FUNCTIONS;

const TOKEN = /\s*(?:(\d+)|([A-Za-z_]\w*)|([-+*/(),]))/y;

/**
 * Reads an expression.
 *
 * @throws Error that says where the text stops making sense.
 */
export function parseExpression(text: string): Expression {
  const tokens: string[] = [];
  TOKEN.lastIndex = 0;
  const trimmed = text.trimEnd();
  while (TOKEN.lastIndex < trimmed.length) {
    const at = TOKEN.lastIndex;
    const match = TOKEN.exec(trimmed);
    if (match === null) throw new Error(`"${text}" cannot be read at character ${at + 1}`);
    tokens.push(match[0].trim());
  }
  let position = 0;
  const peek = () => tokens[position];
  const expect = (token: string) => {
    if (tokens[position++] !== token) throw new Error(`"${text}" lacks a "${token}"`);
  };
  const sum = (): Expression => {
    let left = product();
    for (let kind = peek(); kind === "+" || kind === "-"; kind = peek()) {
      position++;
      left = { kind, left, right: product() };
    }
    return left;
  };
  const product = (): Expression => {
    let left = atom();
    for (let kind = peek(); kind === "*" || kind === "/"; kind = peek()) {
      position++;
      left = { kind, left, right: atom() };
    }
    return left;
  };
  const atom = (): Expression => {
    const token = tokens[position++];
    if (token === "(") {
      const inner = sum();
      expect(")");
      return inner;
    }
    if (token !== undefined && /^\d/.test(token)) return { kind: "number", value: BigInt(token) };
    if (token === undefined || !/^[A-Za-z_]/.test(token)) {
      throw new Error(`"${text}" has ${token ?? "nothing"} where a number or name should be`);
    }
    if (peek() !== "(") return { kind: "symbol", name: token };
    if (!isFunctionName(token)) throw new Error(`"${text}" calls ${token}, which is no function`);
    position++;
    const operands = [sum()];
    while (peek() === ",") {
      position++;
      operands.push(sum());
    }
    expect(")");
    const { length } = FUNCTIONS[token];
    if (operands.length !== length) {
      throw new Error(`"${text}" gives ${token} ${operands.length} of ${length} operands`);
    }
    return { kind: "call", name: token, operands };
  };
  const expression = sum();
  if (position < tokens.length) throw new Error(`"${text}" goes on with ${tokens[position]}`);
  return expression;
}

/**
 * The exact value of an expression.
 *
 * @throws Error where a symbol has no value, or the result is no whole number.
 */
export function evaluate(expression: Expression, symbols: Symbols): bigint {
  const { top, bottom } = fraction(expression, symbols);
  if (bottom !== 1n) throw new Error(`${format(expression)} is ${top}/${bottom}, no whole number`);
  return top;
}

function fraction(expression: Expression, symbols: Symbols): Fraction {
  switch (expression.kind) {
    case "number":
      return whole(expression.value);
    case "symbol": {
      const value = symbols[expression.name];
      if (value === undefined) throw new Error(`the symbol ${expression.name} has no value`);
      return whole(bigintOf(value));
    }
    case "call": {
      const [a = whole(0n), b = whole(0n)] = expression.operands.map((x) => fraction(x, symbols));
      return FUNCTIONS[expression.name](a, b);
    }
  }
  const a = fraction(expression.left, symbols);
  const b = fraction(expression.right, symbols);
  return OPERATORS[expression.kind](a, b);
}

function bigintOf(value: SymbolValue): bigint {
  if (typeof value === "bigint") return value;
  if (typeof value === "number") return BigInt(value);
  return value.reduce((product, factor) => product * BigInt(factor), 1n);
}

const OPERATORS = { "+": plus, "-": minus, "*": times, "/": over } as const;

/**
 * An expression as people write it: `(K − 1)·M`. With `symbols`, their values stand in their place,
 * factor by factor where they are products: `(2·2 − 1)·112·112·64`.
 */
export function format(expression: Expression, symbols?: Symbols): string {
  switch (expression.kind) {
    case "number":
      return String(expression.value);
    case "symbol":
      return symbols === undefined ? expression.name : formatValue(symbols[expression.name]);
    case "call":
      return formatCall(
        expression.name,
        expression.operands.map((x) => format(x, symbols)).join(", "),
      );
    case "+":
      return `${format(expression.left, symbols)} + ${format(expression.right, symbols)}`;
    case "-":
      return `${format(expression.left, symbols)} − ${grouped(expression.right, symbols, isSum)}`;
    case "*":
      return `${grouped(expression.left, symbols, isSum)}·${grouped(expression.right, symbols, isBinary)}`;
    case "/":
      return `${grouped(expression.left, symbols, isSum)}/${grouped(expression.right, symbols, isProduct)}`;
  }
}

/** Rounding is shown, that of a logarithm too: `⌈log2(6)⌉`. */
function formatCall(name: FunctionName, operands: string): string {
  switch (name) {
    case "floor":
      return `⌊${operands}⌋`;
    case "ceil":
      return `⌈${operands}⌉`;
    case "log2":
      return `⌈log2(${operands})⌉`;
    default:
      return `${name}(${operands})`;
  }
}

/** A product of factors without those that are 1. */
function formatValue(value: SymbolValue | undefined): string {
  if (typeof value !== "object") return String(value);
  return value.filter((factor) => factor !== 1).join("·") || "1";
}

/** The names that an expression uses. */
export function symbolsIn(expression: Expression): string[] {
  switch (expression.kind) {
    case "number":
      return [];
    case "symbol":
      return [expression.name];
    case "call":
      return expression.operands.flatMap(symbolsIn);
    default:
      return [...symbolsIn(expression.left), ...symbolsIn(expression.right)];
  }
}

function grouped(
  expression: Expression,
  symbols: Symbols | undefined,
  needsParentheses: (expression: Expression) => boolean,
): string {
  const text = format(expression, symbols);
  const isAtom = expression.kind === "symbol" && !text.includes("·");
  return needsParentheses(expression) && !isAtom ? `(${text})` : text;
}

function isSum({ kind }: Expression): boolean {
  return kind === "+" || kind === "-";
}

function isBinary(expression: Expression): boolean {
  return isSum(expression) || expression.kind === "*" || expression.kind === "/";
}

/** Whether an expression may print as a product: a symbol may be one. */
function isProduct(expression: Expression): boolean {
  return isBinary(expression) || expression.kind === "symbol";
}

function isFunctionName(name: string): name is FunctionName {
  return Object.hasOwn(FUNCTIONS, name);
}

import type { Expression, FunctionName, Symbols, SymbolValue } from "./expression.ts";

/**
 * An expression as people write it: `(K − 1)·M`. With `symbols`, their values stand in their place,
 * factor by factor where they are products: `(2·2 − 1)·112·112·64`.
 */
export function format(expression: Expression, symbols?: Symbols): string {
  switch (expression.kind) {
    case "number":
      return expression.digits;
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

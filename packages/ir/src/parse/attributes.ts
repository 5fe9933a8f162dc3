import type { Attribute } from "../graph.ts";
import { DEEPEST_ATTRIBUTE } from "../nesting.ts";
import type { Lexer, Token } from "./lexer.ts";

/** Reads `{name=attribute, …}`, which stands within so many others. */
export function parseAttributes(lexer: Lexer, depth = 0): { readonly [name: string]: Attribute } {
  const attributes: Record<string, Attribute> = {};
  let isFirst = true;
  expect(lexer, "{");
  while (!take(lexer, "}")) {
    if (!isFirst && !take(lexer, ",")) throw lexer.expected('"," or "}"');
    isFirst = false;
    const { token } = lexer;
    if (token.kind !== "word" && token.kind !== "string") {
      throw lexer.expected("the name of an attribute");
    }
    lexer.next();
    const name = token.kind === "string" ? unquote(token, lexer) : token.text;
    if (Object.hasOwn(attributes, name))
      throw lexer.error(`attribute "${name}" is given twice`, token);
    expect(lexer, "=");
    setOwn(attributes, name, parseAttribute(lexer, depth + 1));
  }
  return attributes;
}

/** Sets a property of that name, though it were `__proto__`. */
export function setOwn<T>(object: Record<string, T>, name: string, value: T): void {
  if (name !== "__proto__") object[name] = value;
  else Object.defineProperty(object, name, { value, enumerable: true, configurable: true });
}

/** Reads a number, string, boolean, `null`, list or nested attributes. */
export function parseAttribute(lexer: Lexer, depth = 0): Attribute {
  if (depth > DEEPEST_ATTRIBUTE) {
    throw lexer.error(`attributes nest deeper than ${DEEPEST_ATTRIBUTE}`, lexer.token);
  }
  const { kind, text } = lexer.token;
  if (text === "[") return parseList(lexer, depth);
  if (text === "{") return parseAttributes(lexer, depth);
  if (kind === "string") return unquote(lexer.next(), lexer);
  if (kind === "number") {
    lexer.next();
    return text === "-inf" ? -Infinity : Number(text);
  }
  const constant = kind === "word" ? CONSTANTS.get(text) : undefined;
  if (constant === undefined) {
    throw lexer.expected('an attribute: a number, "string", true, false, null, [list] or {object}');
  }
  lexer.next();
  return constant;
}

const CONSTANTS: ReadonlyMap<string, Attribute> = new Map<string, Attribute>([
  ["true", true],
  ["false", false],
  ["null", null],
  ["nan", Number.NaN],
  ["inf", Infinity],
]);

function parseList(lexer: Lexer, depth: number): Attribute[] {
  const items: Attribute[] = [];
  expect(lexer, "[");
  while (!take(lexer, "]")) {
    if (items.length > 0 && !take(lexer, ",")) throw lexer.expected('"," or "]"');
    items.push(parseAttribute(lexer, depth + 1));
  }
  return items;
}

/** A quoted text that JSON reads as it stands. */
const PLAIN = /^"[^\\\p{Cc}]*"$/u;

/** The string that a quoted token stands for. Quotes are those of JSON. */
export function unquote(token: Token, lexer: Lexer): string {
  if (PLAIN.test(token.text)) return token.text.slice(1, -1);
  try {
    return String(JSON.parse(token.text));
  } catch {
    throw lexer.error(`expected a string quoted as in JSON, found ${token.text}`, token);
  }
}

function take(lexer: Lexer, text: string): boolean {
  if (lexer.token.kind !== "punctuation" || lexer.token.text !== text) return false;
  lexer.next();
  return true;
}

function expect(lexer: Lexer, text: string): void {
  if (!take(lexer, text)) throw lexer.expected(`"${text}"`);
}

import type { Attribute } from "../graph.ts";
import { DEEPEST_ATTRIBUTE } from "../nesting.ts";
import type { Lexer, Token } from "./lexer.ts";

/** Reads `{name=attribute, …}`, which stands within so many others. */
export function parseAttributes(lexer: Lexer, depth = 0): { readonly [name: string]: Attribute } {
  const attributes = new Map<string, Attribute>();
  expect(lexer, "{");
  while (!take(lexer, "}")) {
    if (attributes.size > 0 && !take(lexer, ",")) throw lexer.expected('"," or "}"');
    const { token } = lexer;
    if (token.kind !== "word" && token.kind !== "string") {
      throw lexer.expected("the name of an attribute");
    }
    lexer.next();
    const name = token.kind === "string" ? unquote(token, lexer) : token.text;
    if (attributes.has(name)) throw lexer.error(`attribute "${name}" is given twice`, token);
    expect(lexer, "=");
    attributes.set(name, parseAttribute(lexer, depth + 1));
  }
  return Object.fromEntries(attributes);
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

/** The string that a quoted token stands for. Quotes are those of JSON. */
export function unquote(token: Token, lexer: Lexer): string {
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

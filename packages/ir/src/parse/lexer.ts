import { ParseError } from "./parse-error.ts";

export type TokenKind =
  | "word"
  | "value"
  | "string"
  | "number"
  | "punctuation"
  | "end of line"
  | "end of text";

export interface Token {
  readonly kind: TokenKind;
  /** As written. */
  readonly text: string;
  /** Index of its first character in the text. */
  readonly start: number;
}

/** Spaces, a byte order mark, and comments, which go from `#` to the end of the line. */
const SKIPPED = /(?:[ \t\r\uFEFF]+|#[^\n]*)*/y;
const PATTERNS: readonly [TokenKind, RegExp][] = [
  ["word", /[A-Za-z_][A-Za-z0-9_.-]*/y],
  ["value", /%[A-Za-z0-9_.-]+/y],
  ["number", /-?(?:\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|inf)/y],
  ["string", /"(?:[^"\\\n]|\\.)*"/y],
  ["punctuation", /[=(){}[\],:/@]/y],
];
const SCOPE_NAME = /[A-Za-z0-9_][A-Za-z0-9_.-]*/y;

/**
 * Splits text into tokens, one at a time. Ends of lines are tokens, because they end statements.
 */
export class Lexer {
  /** The token that comes next. */
  token: Token;

  constructor(
    readonly text: string,
    readonly source: string,
  ) {
    this.token = this.#read(0);
  }

  /** Returns the next token and moves past it. */
  next(): Token {
    const { token } = this;
    this.token = this.#read(token.start + token.text.length);
    return token;
  }

  /** The first character after the next token that is no space or comment. */
  peekCharacter(): string {
    SKIPPED.lastIndex = this.token.start + this.token.text.length;
    SKIPPED.test(this.text);
    return this.text.charAt(SKIPPED.lastIndex);
  }

  /** Takes a name of a scope path, which may begin with a digit; undefined if none is next. */
  scopeName(): string | undefined {
    SCOPE_NAME.lastIndex = this.token.start;
    const name = SCOPE_NAME.exec(this.text)?.[0];
    if (name !== undefined) this.token = this.#read(this.token.start + name.length);
    return name;
  }

  /** An error at a token, by default the next one. */
  error(what: string, { start } = this.token): ParseError {
    const lineStart = this.text.lastIndexOf("\n", start - 1) + 1;
    const lineEnd = this.text.indexOf("\n", start);
    const excerpt = this.text.slice(lineStart, lineEnd === -1 ? undefined : lineEnd);
    const line = this.text.slice(0, lineStart).split("\n").length;
    return new ParseError(what, this.source, line, start - lineStart + 1, excerpt.trimEnd());
  }

  /** An error that says what was expected instead of the next token. */
  expected(what: string): ParseError {
    return this.error(`expected ${what}, found ${describe(this.token)}`);
  }

  #read(from: number): Token {
    SKIPPED.lastIndex = from;
    SKIPPED.test(this.text);
    const start = SKIPPED.lastIndex;
    if (start >= this.text.length) return { kind: "end of text", text: "", start };
    if (this.text.charAt(start) === "\n") return { kind: "end of line", text: "\n", start };
    for (const [kind, pattern] of PATTERNS) {
      pattern.lastIndex = start;
      const text = pattern.exec(this.text)?.[0];
      if (text !== undefined) return { kind, text, start };
    }
    const character = String.fromCodePoint(this.text.codePointAt(start) ?? 0);
    const what = character === '"' ? "a string that does not end on its line" : `"${character}"`;
    throw this.error(`expected a name, a value or punctuation, found ${what}`, {
      kind: "punctuation",
      text: character,
      start,
    });
  }
}

function describe({ kind, text }: Token): string {
  if (kind === "end of line" || kind === "end of text") return `the ${kind}`;
  return kind === "string" ? `the string ${text}` : `"${text}"`;
}

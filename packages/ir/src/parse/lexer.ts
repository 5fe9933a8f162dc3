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
/** Kinds of tokens, the characters that they begin with, and what they are. */
const PATTERNS: readonly [TokenKind, start: RegExp, whole: RegExp][] = [
  ["word", /[A-Za-z_]/, /[A-Za-z_][A-Za-z0-9_.-]*/y],
  ["value", /%/, /%[A-Za-z0-9_.-]+/y],
  ["number", /[-0-9]/, /-?(?:\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|inf)/y],
  ["string", /"/, /"(?:[^"\\\n]|\\.)*"/y],
  ["punctuation", /[=(){}[\],:/@]/, /[=(){}[\],:/@]/y],
];
/** By character of ASCII: the pattern of the tokens that begin with it. */
const PATTERN_AT = Array.from({ length: 128 }, (_, code) =>
  PATTERNS.find(([, start]) => start.test(String.fromCharCode(code))),
);
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
    return this.text.charAt(this.#skip(this.token.start + this.token.text.length));
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

  /** The place of the next character that is no space or comment. */
  #skip(from: number): number {
    if (PATTERN_AT[this.text.charCodeAt(from)] !== undefined) return from;
    SKIPPED.lastIndex = from;
    SKIPPED.test(this.text);
    return SKIPPED.lastIndex;
  }

  #read(from: number): Token {
    const start = this.#skip(from);
    if (start >= this.text.length) return { kind: "end of text", text: "", start };
    if (this.text.charAt(start) === "\n") return { kind: "end of line", text: "\n", start };
    const [kind, , whole] = PATTERN_AT[this.text.charCodeAt(start)] ?? [];
    if (kind === "punctuation") return { kind, text: this.text.charAt(start), start };
    if (kind !== undefined && whole !== undefined) {
      whole.lastIndex = start;
      // A text may have millions of tokens: no match is made, which would list its groups.
      if (whole.test(this.text)) {
        return { kind, text: this.text.slice(start, whole.lastIndex), start };
      }
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

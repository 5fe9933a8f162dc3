import { DTYPES, parseDType, type TensorType } from "../types.ts";
import { unquote } from "./attributes.ts";
import { Lexer, type Token } from "./lexer.ts";

/**
 * Reads the small parts of statements: names, integers, types and lists. Each method takes its part
 * or throws a ParseError that says what was expected. `what` describes it there.
 */
export class Reader extends Lexer {
  typeAfterColon(): TensorType {
    if (!this.take(":")) throw this.expected('":" and a type such as f32[1,2]');
    return this.type();
  }

  type(): TensorType {
    const { kind, text } = this.token;
    const dtype = kind === "word" ? parseDType(text) : undefined;
    if (dtype === undefined) {
      throw this.expected(`a type such as f32[1,2] (of ${DTYPES.join(", ")})`);
    }
    this.next();
    return { dtype, shape: this.list("[", "]", () => this.integer("a dimension")) };
  }

  /** Items between two brackets, separated by commas. */
  list<T>(open: string, close: string, item: () => T): T[] {
    const items: T[] = [];
    this.punctuation(open);
    while (!this.take(close)) {
      if (items.length > 0) this.separator(close);
      items.push(item());
    }
    return items;
  }

  separator(close: string): void {
    if (!this.take(",")) throw this.expected(`"," or "${close}"`);
  }

  integer(what: string): number {
    const { kind, text } = this.token;
    if (kind !== "number" || !/^\d+$/.test(text)) throw this.expected(what);
    this.next();
    return Number(text);
  }

  string(what: string): string {
    const token = this.takeKind("string", what);
    return unquote(token, this);
  }

  /** A name, in quotes or not. */
  word(what: string): string {
    const { token } = this;
    if (token.kind === "string") return this.string(what);
    return this.takeKind("word", what).text;
  }

  keyword(text: string): void {
    if (!this.is("word", text)) throw this.expected(`"${text}"`);
    this.next();
  }

  punctuation(text: string): void {
    if (!this.take(text)) throw this.expected(`"${text}"`);
  }

  /** Takes the next token, which must be of this kind. */
  takeKind(kind: Token["kind"], what: string): Token {
    if (this.token.kind !== kind) throw this.expected(what);
    return this.next();
  }

  /** Takes a punctuation mark if it is next. */
  take(text: string): boolean {
    if (!this.is("punctuation", text)) return false;
    this.next();
    return true;
  }

  is(kind: Token["kind"], text: string): boolean {
    return this.token.kind === kind && this.token.text === text;
  }

  endOfLine(): void {
    if (this.token.kind !== "end of line") throw this.expected("the end of line");
    this.blankLines();
  }

  blankLines(): void {
    while (this.token.kind === "end of line") this.next();
  }
}

import type { FunctionName } from "./expression.ts";

/** What stands between the words of an expression. */
type Delimiter = " " | "+" | "-" | "*" | "/" | "(" | ")" | ",";

/** The words of a text, numbers among them; none of a text that the compiler does not know. */
type Words<
  Text extends string,
  Word extends string = "",
  Found extends string = never,
> = Text extends `${infer Character}${infer Rest}`
  ? Character extends Delimiter
    ? Words<Rest, "", Found | Word>
    : Words<Rest, `${Word}${Character}`, Found>
  : Found | Word;

/** The names in an expression's text that are no symbol known there. */
export type UnknownIn<Text extends string, Known extends string> = Exclude<
  Words<Text>,
  Known | FunctionName | `${number}` | ""
>;

/** What the compiler says of a text with a symbol that is not known there. */
export interface UnknownSymbol<Name extends string> {
  readonly unknownSymbol: Name;
}

/**
 * An expression's text with known symbols only. Where it has others, the type is one that no text
 * has: the compiler refuses it and names the symbol.
 */
export type TextOver<Text extends string, Known extends string> = Text &
  ([UnknownIn<Text, Known>] extends [never] ? unknown : UnknownSymbol<UnknownIn<Text, Known>>);

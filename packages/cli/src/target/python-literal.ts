/** A Python literal of the kinds that a .npy header is made of. */
export type PythonLiteral =
  | string
  | bigint
  | boolean
  | null
  | { readonly tuple: readonly PythonLiteral[] }
  | { readonly list: readonly PythonLiteral[] }
  | ReadonlyMap<PythonLiteral, PythonLiteral>;

const TOKEN =
  /\s*(?:(?<text>'[^'\\\n]*'|"[^"\\\n]*")|(?<integer>\d+L?)|(?<word>\w+)|(?<mark>[{}()[\],:]))/y;
const WORDS: ReadonlyMap<string, boolean | null> = new Map([
  ["True", true],
  ["False", false],
  ["None", null],
]);
/** Records within records nest; nobody nests them further. */
const DEEPEST = 32;

/**
 * Reads a Python literal of strings, integers, True, False, None, tuples, lists and dictionaries,
 * as `ast.literal_eval` does. Integers may have the suffix `L` of Python 2. Of two equal keys of a
 * dictionary, the last one counts. Strings with a backslash are not read.
 *
 * @returns undefined where the text is anything else.
 */
export function parsePythonLiteral(text: string): PythonLiteral | undefined {
  const tokens = tokensOf(text);
  if (tokens === undefined) return undefined;
  const reader = new Reader(tokens);
  const value = reader.value(0);
  return reader.isAtEnd() ? value : undefined;
}

type Token = { readonly value: PythonLiteral } | { readonly mark: string };

/** Undefined where something stands there that is no token. */
function tokensOf(text: string): Token[] | undefined {
  const tokens: Token[] = [];
  const whole = text.trimEnd();
  const token = new RegExp(TOKEN);
  while (token.lastIndex < whole.length) {
    const groups = token.exec(whole)?.groups;
    if (groups === undefined) return undefined;
    const { text: quoted, integer, word, mark } = groups;
    if (quoted !== undefined) tokens.push({ value: quoted.slice(1, -1) });
    else if (integer !== undefined) tokens.push({ value: BigInt(integer.replace("L", "")) });
    else if (mark !== undefined) tokens.push({ mark });
    else {
      const value = WORDS.get(word ?? "");
      if (value === undefined) return undefined;
      tokens.push({ value });
    }
  }
  return tokens;
}

/** Reads tokens from left to right. Each method returns undefined where the next ones do not fit. */
class Reader {
  #at = 0;

  constructor(private readonly tokens: readonly Token[]) {}

  isAtEnd(): boolean {
    return this.#at === this.tokens.length;
  }

  value(depth: number): PythonLiteral | undefined {
    if (depth > DEEPEST) return undefined;
    const token = this.tokens[this.#at++];
    if (token === undefined) return undefined;
    if ("value" in token) return token.value;
    switch (token.mark) {
      case "(":
        return this.#tuple(depth);
      case "[": {
        const items = this.#items("]", () => this.value(depth + 1));
        return items && { list: items.values };
      }
      case "{": {
        const items = this.#items("}", () => this.#entry(depth + 1));
        return items && new Map(items.values);
      }
      default:
        return undefined;
    }
  }

  /** `(2)` is 2; a tuple of one item has a comma, `(2,)`. */
  #tuple(depth: number): PythonLiteral | undefined {
    const items = this.#items(")", () => this.value(depth + 1));
    if (items === undefined) return undefined;
    const [only] = items.values;
    return items.values.length === 1 && !items.hasLastComma ? only : { tuple: items.values };
  }

  #entry(depth: number): [PythonLiteral, PythonLiteral] | undefined {
    const key = this.value(depth);
    if (key === undefined || !this.#take(":")) return undefined;
    const value = this.value(depth);
    return value === undefined ? undefined : [key, value];
  }

  /** Items with commas between them, and perhaps after the last, up to the mark that closes. */
  #items<T>(close: string, item: () => T | undefined) {
    const values: T[] = [];
    let hasLastComma = false;
    while (!this.#take(close)) {
      if (values.length > 0 && !hasLastComma) return undefined;
      const value = item();
      if (value === undefined) return undefined;
      values.push(value);
      hasLastComma = this.#take(",");
    }
    return { values, hasLastComma };
  }

  #take(mark: string): boolean {
    const token = this.tokens[this.#at];
    const isThere = token !== undefined && "mark" in token && token.mark === mark;
    if (isThere) this.#at++;
    return isThere;
  }
}

/**
 * Arithmetic over named numbers, written as text: `(K - 1) * M + b * M`. Formulas are kept as such
 * text, so that one source is evaluated exactly, shown in symbols and shown with numbers.
 *
 * There are + − * /, parentheses, numbers such as 2 and 0.9, names, and the functions floor(a),
 * ceil(a), max(a, b), min(a, b) and log2(a), which is the binary logarithm rounded up.
 */
export type Expression =
  /** Its digits as they were written. */
  | { readonly kind: "number"; readonly digits: string }
  | { readonly kind: "symbol"; readonly name: string }
  | { readonly kind: "call"; readonly name: FunctionName; readonly operands: readonly Expression[] }
  | {
      readonly kind: Operator;
      readonly left: Expression;
      readonly right: Expression;
    };

export type Operator = "+" | "-" | "*" | "/";

/** How many operands each function takes. */
const ARITY = { floor: 1, ceil: 1, log2: 1, max: 2, min: 2 } as const;
export type FunctionName = keyof typeof ARITY;

/** An integer of at least 0, or one as the product of these factors: the dimensions of a shape. */
export type SymbolValue = number | bigint | readonly number[];

/** What symbols stand for in one op. */
export type Symbols = Readonly<Record<string, SymbolValue>>;

/** Far more than a formula has; each may be one level of the tree that recursion goes down. */
const MOST_TOKENS = 1000;

const TOKEN = /\s*(?:(\d+(?:\.\d+)?)|([A-Za-z_]\w*)|([-+*/(),]))/y;

/**
 * Reads an expression.
 *
 * @throws Error that says where the text stops making sense.
 */
export function parseExpression(text: string): Expression {
  return new Parser(text).expression();
}

/** Reads from left to right: a sum is of products, and a product of numbers, names and parentheses. */
class Parser {
  readonly #text: string;
  readonly #tokens: readonly string[];
  #position = 0;

  constructor(text: string) {
    this.#text = text;
    this.#tokens = tokensOf(text);
  }

  expression(): Expression {
    const expression = this.#sum();
    const rest = this.#peek();
    if (rest !== undefined) throw new Error(`"${this.#text}" goes on with ${rest}`);
    return expression;
  }

  #peek(): string | undefined {
    return this.#tokens[this.#position];
  }

  #expect(token: string): void {
    if (this.#peek() !== token) throw new Error(`"${this.#text}" lacks a "${token}"`);
    this.#position++;
  }

  #sum(): Expression {
    let left = this.#product();
    for (let kind = this.#peek(); kind === "+" || kind === "-"; kind = this.#peek()) {
      this.#position++;
      left = { kind, left, right: this.#product() };
    }
    return left;
  }

  #product(): Expression {
    let left = this.#atom();
    for (let kind = this.#peek(); kind === "*" || kind === "/"; kind = this.#peek()) {
      this.#position++;
      left = { kind, left, right: this.#atom() };
    }
    return left;
  }

  #atom(): Expression {
    const token = this.#peek();
    this.#position++;
    if (token === "(") {
      const inner = this.#sum();
      this.#expect(")");
      return inner;
    }
    if (token !== undefined && /^\d/.test(token)) return { kind: "number", digits: token };
    if (token === undefined || !/^[A-Za-z_]/.test(token)) {
      throw new Error(`"${this.#text}" has ${token ?? "nothing"} where a number or name should be`);
    }
    return this.#peek() === "(" ? this.#call(token) : { kind: "symbol", name: token };
  }

  #call(name: string): Expression {
    if (!isFunctionName(name))
      throw new Error(`"${this.#text}" calls ${name}, which is no function`);
    this.#expect("(");
    const operands = [this.#sum()];
    while (this.#peek() === ",") {
      this.#position++;
      operands.push(this.#sum());
    }
    this.#expect(")");
    if (operands.length !== ARITY[name]) {
      throw new Error(
        `"${this.#text}" gives ${name} ${operands.length} of ${ARITY[name]} operands`,
      );
    }
    return { kind: "call", name, operands };
  }
}

function tokensOf(text: string): string[] {
  const tokens: string[] = [];
  TOKEN.lastIndex = 0;
  const trimmed = text.trimEnd();
  while (TOKEN.lastIndex < trimmed.length) {
    const at = TOKEN.lastIndex;
    const match = TOKEN.exec(trimmed);
    if (match === null) throw new Error(`"${text}" cannot be read at character ${at + 1}`);
    tokens.push(match[0].trim());
    if (tokens.length > MOST_TOKENS) {
      throw new Error(
        `"${text.slice(0, 40)}…" has more than ${MOST_TOKENS} numbers, names and signs`,
      );
    }
  }
  return tokens;
}

function isFunctionName(name: string): name is FunctionName {
  return Object.hasOwn(ARITY, name);
}

const known = new WeakMap<Expression, ReadonlySet<string>>();

/** The names that an expression uses, each once, in order. */
export function symbolsIn(expression: Expression): ReadonlySet<string> {
  let names = known.get(expression);
  if (names === undefined) {
    names = new Set(namesIn(expression));
    known.set(expression, names);
  }
  return names;
}

function namesIn(expression: Expression): readonly string[] {
  switch (expression.kind) {
    case "number":
      return [];
    case "symbol":
      return [expression.name];
    case "call":
      return expression.operands.flatMap(namesIn);
    default:
      return [...namesIn(expression.left), ...namesIn(expression.right)];
  }
}

import type { ParamFacts } from "../builder.ts";
import { type Dispatch, readDispatchFacts } from "../dispatch.ts";
import type {
  Attribute,
  Call,
  CallValue,
  Graph,
  Group,
  Op,
  Placement,
  Value,
  ValueId,
} from "../graph.ts";
import { DTYPES, parseDType, STORED_TYPES, type TensorType } from "../types.ts";
import { verifyStructure } from "../verify/verify.ts";
import { parseAttribute, parseAttributes, unquote } from "./attributes.ts";
import { Lexer, type Token } from "./lexer.ts";

/**
 * Reads the text form of a graph. `source` is the name of the text in errors, such as a file's
 * name.
 *
 * Throws a ParseError that says line, column, what was expected and what was found. Throws a
 * VerifyError where each line is right, but the lines do not fit together. A comment goes from `#`
 * to the end of its line. Values may have any names, not only those that `print` gives.
 */
export function parse(text: string, source = "graph"): Graph {
  const graph = new Parser(new Lexer(text, source)).graph();
  verifyStructure(graph);
  return graph;
}

type DefinitionKind = "input" | "param" | "statistic" | "constant";
type Definition = Exclude<Value, { kind: "result" }>;
const DEFINITIONS: ReadonlySet<string> = new Set<DefinitionKind>([
  "input",
  "param",
  "statistic",
  "constant",
]);

class Parser {
  readonly #lexer: Lexer;
  readonly #values: Value[] = [];
  readonly #ids = new Map<string, ValueId>();
  readonly #inputs: ValueId[] = [];
  readonly #ops: Op[] = [];
  readonly #calls: Call[] = [];
  readonly #groups: Group[] = [];
  /** Ops of one scope share its path. */
  readonly #scopes = new Map<string, readonly string[]>();

  constructor(lexer: Lexer) {
    this.#lexer = lexer;
  }

  graph(): Graph {
    this.#blankLines();
    this.#keyword("graph");
    const name = this.#string("the graph's name in quotes");
    this.#keyword("device");
    this.#punctuation("=");
    const device = this.#word("the device's name");
    this.#punctuation("{");
    this.#endOfLine();
    while (!this.#is("word", "return") || this.#lexer.peekCharacter() === "(") {
      this.#statement();
      this.#endOfLine();
    }
    this.#lexer.next();
    const results = this.#lexer.token.kind === "value" ? this.#valueList() : [];
    this.#endOfLine();
    this.#punctuation("}");
    this.#blankLines();
    if (this.#lexer.token.kind !== "end of text") throw this.#lexer.expected("the end of text");
    return {
      name,
      device,
      values: this.#values,
      inputs: this.#inputs,
      ops: this.#ops,
      calls: this.#calls,
      groups: this.#groups,
      results,
    };
  }

  #statement(): void {
    const { kind, text } = this.#lexer.token;
    const isKeyword = kind === "word" && this.#lexer.peekCharacter() !== "(";
    if (kind === "value") this.#assignment();
    else if (isKeyword && text === "call") this.#call();
    else if (isKeyword && text === "group") this.#group();
    else if (kind === "word" || kind === "string") this.#op([]);
    else throw this.#lexer.expected('a value such as %0, an op, "call", "group" or "return"');
  }

  /** `%x = input …` or `%0, %1 = Kernel(…) …` */
  #assignment(): void {
    const names = [this.#lexer.next()];
    while (this.#take(",")) names.push(this.#token("value", "a value such as %0"));
    this.#punctuation("=");
    const { kind, text } = this.#lexer.token;
    const isDefinition =
      kind === "word" && isDefinitionKind(text) && this.#lexer.peekCharacter() !== "(";
    if (!isDefinition) {
      this.#op(names);
      return;
    }
    const [name, second] = names;
    if (second !== undefined) {
      throw this.#lexer.error(`expected "=", since ${text} defines one value`, second);
    }
    this.#lexer.next();
    const value = this.#definition(text);
    if (name !== undefined) this.#define(name, value);
  }

  #definition(kind: DefinitionKind): Definition {
    const id = this.#values.length;
    if (kind === "constant") {
      const data = this.#lexer.token.text === "[" ? this.#elements() : undefined;
      const type = this.#typeAfterColon();
      return data === undefined ? { kind, id, ...type } : { kind, id, data, ...type };
    }
    const name = this.#string("the tensor's name in quotes");
    if (kind === "input") {
      this.#inputs.push(id);
      return { kind, id, name, ...this.#typeAfterColon() };
    }
    const isWeight = kind === "param";
    const role = isWeight ? ("weight" as const) : ("statistic" as const);
    const { trainable = isWeight, ...facts } = this.#paramFacts();
    return { kind: "param", id, name, trainable, role, ...facts, ...this.#typeAfterColon() };
  }

  /** `{trainable=false, stored="uint8", zeros=12}`. Each may be left out. */
  #paramFacts(): Pick<ParamFacts, "trainable" | "stored" | "zeros"> {
    const start = this.#lexer.token;
    if (start.text !== "{") return {};
    const { trainable, stored, zeros, ...rest } = parseAttributes(this.#lexer);
    const type = STORED_TYPES.find((known) => known === stored);
    const isCount = typeof zeros === "number" && Number.isSafeInteger(zeros) && zeros >= 0;
    const fits =
      Object.keys(rest).length === 0 &&
      (trainable === undefined || typeof trainable === "boolean") &&
      (stored === undefined || type !== undefined) &&
      (zeros === undefined || isCount);
    if (!fits) {
      const types = STORED_TYPES.map((known) => `"${known}"`).join(", ");
      throw this.#lexer.error(
        `expected trainable=true or false, stored=one of ${types}, zeros=a count`,
        start,
      );
    }
    return {
      ...(typeof trainable === "boolean" ? { trainable } : {}),
      ...(type === undefined ? {} : { stored: type }),
      ...(isCount ? { zeros } : {}),
    };
  }

  #elements(): (number | string)[] {
    const start = this.#lexer.token;
    const data = parseAttribute(this.#lexer);
    if (!Array.isArray(data)) throw this.#lexer.error("expected a list of elements", start);
    return data.map((element: Attribute) => {
      if (typeof element === "number" || typeof element === "string") return element;
      throw this.#lexer.error("expected a list of numbers or strings only", start);
    });
  }

  /** `Kernel(x=%a, …) {attributes} : types  @scope call=0 placement=view dispatches=[…]` */
  #op(names: readonly Token[]): void {
    const kernel = this.#word("a kernel, or input, param, statistic or constant");
    const operands = this.#operands();
    const attrs = this.#lexer.token.text === "{" ? parseAttributes(this.#lexer) : {};
    const types = names.length === 0 ? [] : this.#resultTypes(names);
    const id = this.#ops.length;
    const results = types.map(({ name, type }, index) =>
      this.#define(name, { kind: "result", id: this.#values.length, op: id, index, ...type }),
    );
    this.#ops.push({ id, kernel, operands, attrs, results, ...this.#notes() });
  }

  #operands(): Record<string, ValueId> {
    const operands = new Map<string, ValueId>();
    this.#punctuation("(");
    while (!this.#take(")")) {
      if (operands.size > 0) this.#separator(")");
      const start = this.#lexer.token;
      let name = String(operands.size);
      if (start.kind !== "value") {
        name = this.#word('an operand such as x=%0 or %0, or ")"');
        this.#punctuation("=");
      }
      if (operands.has(name)) throw this.#lexer.error(`operand "${name}" is given twice`, start);
      operands.set(name, this.#value());
    }
    return Object.fromEntries(operands);
  }

  #resultTypes(names: readonly Token[]): { name: Token; type: TensorType }[] {
    return names.map((name, index) => {
      if (index === 0) return { name, type: this.#typeAfterColon() };
      if (this.#lexer.token.text !== ",") {
        throw this.#lexer.expected(`"," and the type of ${name.text}`);
      }
      this.#lexer.next();
      return { name, type: this.#type() };
    });
  }

  #notes(): Pick<Op, "scope" | "call" | "placement" | "dispatches"> {
    const scope = this.#scope();
    const call = this.#note("call") ? { call: this.#integer("the id of a call") } : {};
    const placement = this.#note("placement") ? this.#placement() : "gpu";
    const dispatches = this.#note("dispatches") ? this.#list("[", "]", () => this.#dispatch()) : [];
    if (this.#lexer.token.kind !== "end of line") {
      throw this.#lexer.expected(
        "@scope, call=, placement= or dispatches=, in this order, or the end of line",
      );
    }
    return { scope, ...call, placement, dispatches };
  }

  #placement(): Placement {
    const { text } = this.#lexer.token;
    if (text !== "gpu" && text !== "cpu" && text !== "view") {
      throw this.#lexer.expected("gpu, cpu or view");
    }
    this.#lexer.next();
    return text;
  }

  #note(name: string): boolean {
    if (!this.#is("word", name)) return false;
    this.#lexer.next();
    this.#punctuation("=");
    return true;
  }

  #dispatch(): Dispatch {
    const program = this.#word("a program");
    const start = this.#lexer.token;
    const [x, y, z, more] = this.#list("(", ")", () => this.#integer("a number of workgroups"));
    if (x === undefined || y === undefined || z === undefined || more !== undefined) {
      throw this.#lexer.error("expected three numbers of workgroups, such as (8,1,1)", start);
    }
    const begin = this.#lexer.token;
    const facts = begin.text === "{" ? readDispatchFacts(parseAttributes(this.#lexer)) : {};
    if (facts === undefined) {
      throw this.#lexer.error(
        "expected what is known of a dispatch: workgroupSize, shader, buffers, uniforms or gpuTime",
        begin,
      );
    }
    return { program, workgroups: [x, y, z], ...facts };
  }

  #scope(): readonly string[] {
    const path: string[] = [];
    if (!this.#take("@")) return path;
    do path.push(this.#scopeName());
    while (this.#take("/"));
    const key = JSON.stringify(path);
    const known = this.#scopes.get(key);
    if (known !== undefined) return known;
    this.#scopes.set(key, path);
    return path;
  }

  #scopeName(): string {
    if (this.#lexer.token.kind === "string") return this.#string("a scope");
    const name = this.#lexer.scopeName();
    if (name === undefined) throw this.#lexer.expected("the name of a scope");
    return name;
  }

  /** `call 1 = layer Conv2D(%x) params=[%w] results=[%0] parent=0 @net/conv` */
  #call(): void {
    this.#keyword("call");
    const start = this.#lexer.token;
    const id = this.#integer("the id of the call");
    if (id !== this.#calls.length) {
      throw this.#lexer.error(`expected call ${this.#calls.length}, found call ${id}`, start);
    }
    this.#punctuation("=");
    const kind = this.#lexer.token.text;
    if (kind !== "layer" && kind !== "node") throw this.#lexer.expected("layer or node");
    this.#lexer.next();
    const className = this.#word("the class of the layer or the op of the node");
    const inputs = this.#list("(", ")", () => this.#callValue());
    const params = this.#note("params") ? this.#list("[", "]", () => this.#value()) : [];
    const results = this.#note("results") ? this.#list("[", "]", () => this.#callValue()) : [];
    const parent = this.#note("parent") ? { parent: this.#integer("the id of a call") } : {};
    const scope = this.#scope();
    this.#calls.push({ id, kind, className, scope, ...parent, inputs, results, params });
  }

  /** `%0`, or the type of a value that a pass has removed. */
  #callValue(): CallValue {
    return this.#lexer.token.kind === "word" ? this.#type() : this.#value();
  }

  /** `group softmax(3, 4, 5)` */
  #group(): void {
    this.#keyword("group");
    const pattern = this.#word("the name of a pattern");
    const ops = this.#list("(", ")", () => this.#integer("the id of an op"));
    this.#groups.push({ pattern, ops });
  }

  #define({ text, start }: Token, value: Value): ValueId {
    if (this.#ids.has(text)) {
      throw this.#lexer.error(`${text} is defined twice`, { kind: "value", text, start });
    }
    this.#ids.set(text, value.id);
    this.#values.push(value);
    return value.id;
  }

  #value(): ValueId {
    if (this.#lexer.token.kind !== "value") throw this.#lexer.expected("a value such as %0");
    const id = this.#ids.get(this.#lexer.token.text);
    if (id === undefined) {
      throw this.#lexer.error(`${this.#lexer.token.text} is not defined above`);
    }
    this.#lexer.next();
    return id;
  }

  #valueList(): ValueId[] {
    const ids = [this.#value()];
    while (this.#take(",")) ids.push(this.#value());
    return ids;
  }

  #typeAfterColon(): TensorType {
    if (!this.#take(":")) throw this.#lexer.expected('":" and a type such as f32[1,2]');
    return this.#type();
  }

  #type(): TensorType {
    const { kind, text } = this.#lexer.token;
    const dtype = kind === "word" ? parseDType(text) : undefined;
    if (dtype === undefined) {
      throw this.#lexer.expected(`a type such as f32[1,2] (of ${DTYPES.join(", ")})`);
    }
    this.#lexer.next();
    return { dtype, shape: this.#list("[", "]", () => this.#integer("a dimension")) };
  }

  #list<T>(open: string, close: string, item: () => T): T[] {
    const items: T[] = [];
    this.#punctuation(open);
    while (!this.#take(close)) {
      if (items.length > 0) this.#separator(close);
      items.push(item());
    }
    return items;
  }

  #separator(close: string): void {
    if (!this.#take(",")) throw this.#lexer.expected(`"," or "${close}"`);
  }

  #integer(what: string): number {
    const { kind, text } = this.#lexer.token;
    if (kind !== "number" || !/^\d+$/.test(text)) throw this.#lexer.expected(what);
    this.#lexer.next();
    return Number(text);
  }

  #string(what: string): string {
    const token = this.#token("string", what);
    return unquote(token, this.#lexer);
  }

  /** A name, in quotes or not. */
  #word(what: string): string {
    const { token } = this.#lexer;
    if (token.kind === "string") return this.#string(what);
    return this.#token("word", what).text;
  }

  #keyword(text: string): void {
    if (!this.#is("word", text)) throw this.#lexer.expected(`"${text}"`);
    this.#lexer.next();
  }

  #punctuation(text: string): void {
    if (!this.#take(text)) throw this.#lexer.expected(`"${text}"`);
  }

  #token(kind: Token["kind"], what: string): Token {
    if (this.#lexer.token.kind !== kind) throw this.#lexer.expected(what);
    return this.#lexer.next();
  }

  /** Takes a punctuation mark if it is next. */
  #take(text: string): boolean {
    if (!this.#is("punctuation", text)) return false;
    this.#lexer.next();
    return true;
  }

  #is(kind: Token["kind"], text: string): boolean {
    return this.#lexer.token.kind === kind && this.#lexer.token.text === text;
  }

  #endOfLine(): void {
    if (this.#lexer.token.kind !== "end of line") throw this.#lexer.expected("the end of line");
    this.#blankLines();
  }

  #blankLines(): void {
    while (this.#lexer.token.kind === "end of line") this.#lexer.next();
  }
}

function isDefinitionKind(text: string): text is DefinitionKind {
  return DEFINITIONS.has(text);
}

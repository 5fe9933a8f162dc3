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
import { STORED_TYPES, type TensorType } from "../types.ts";
import { verifyStructure } from "../verify/verify.ts";
import { parseAttribute, parseAttributes, setOwn } from "./attributes.ts";
import type { Token } from "./lexer.ts";
import { Reader } from "./reader.ts";
import { RecordingParser } from "./recording.ts";

/**
 * Reads the text form of a graph. A comment goes from `#` to the end of its line. Values may have
 * any names, not only those that `print` gives.
 *
 * @param source the name of the text in errors, such as a file's name.
 * @throws ParseError that says line, column, what was expected and what was found; a VerifyError
 *   where each line is right, but the lines do not fit together.
 */
export function parse(text: string, source = "graph"): Graph {
  const parser = new Parser(new Reader(text, source));
  const graph = parser.graph();
  verifyStructure(graph);
  parser.recording.annotate(graph);
  return graph;
}

type DefinitionKind = "input" | "param" | "statistic" | "slot" | "constant";
type Definition = Exclude<Value, { kind: "result" }>;
const DEFINITIONS: ReadonlySet<string> = new Set<DefinitionKind>([
  "input",
  "param",
  "statistic",
  "slot",
  "constant",
]);

class Parser {
  readonly recording: RecordingParser;
  readonly #reader: Reader;
  readonly #values: Value[] = [];
  readonly #ids = new Map<string, ValueId>();
  readonly #inputs: ValueId[] = [];
  readonly #ops: Op[] = [];
  readonly #calls: Call[] = [];
  readonly #groups: Group[] = [];
  /** Ops of one scope share its path. */
  readonly #scopes = new Map<string, readonly string[]>();

  constructor(reader: Reader) {
    this.#reader = reader;
    this.recording = new RecordingParser(reader);
  }

  graph(): Graph {
    this.#reader.blankLines();
    this.#reader.keyword("graph");
    const name = this.#reader.string("the graph's name in quotes");
    this.#reader.keyword("device");
    this.#reader.punctuation("=");
    const device = this.#reader.word("the device's name");
    this.#reader.punctuation("{");
    this.#reader.endOfLine();
    while (!this.#reader.is("word", "return") || this.#reader.peekCharacter() === "(") {
      this.#statement();
      this.#reader.endOfLine();
    }
    this.#reader.next();
    const results = this.#reader.token.kind === "value" ? this.#valueList() : [];
    this.#reader.endOfLine();
    this.#reader.punctuation("}");
    this.#reader.blankLines();
    if (this.#reader.token.kind !== "end of text") throw this.#reader.expected("the end of text");
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
    const { kind, text } = this.#reader.token;
    const isKeyword = kind === "word" && this.#reader.peekCharacter() !== "(";
    if (kind === "value") this.#assignment();
    else if (isKeyword && text === "call") this.#call();
    else if (isKeyword && text === "group") this.#group();
    else if (isKeyword && text === "note") this.recording.note();
    else if (isKeyword && text === "recording") this.recording.recording();
    else if (isKeyword && text === "events") this.recording.events();
    else if (kind === "word" || kind === "string") this.#op([]);
    else throw this.#reader.expected('a value such as %0, an op, "call", "group" or "return"');
  }

  /** `%x = input …` or `%0, %1 = Kernel(…) …` */
  #assignment(): void {
    const names = [this.#reader.next()];
    while (this.#reader.take(",")) names.push(this.#reader.takeKind("value", "a value such as %0"));
    this.#reader.punctuation("=");
    const { kind, text } = this.#reader.token;
    const isDefinition =
      kind === "word" && isDefinitionKind(text) && this.#reader.peekCharacter() !== "(";
    if (!isDefinition) {
      this.#op(names);
      return;
    }
    const [name, second] = names;
    if (second !== undefined) {
      throw this.#reader.error(`expected "=", since ${text} defines one value`, second);
    }
    this.#reader.next();
    const value = this.#definition(text);
    if (name !== undefined) this.#define(name, value);
  }

  #definition(kind: DefinitionKind): Definition {
    const id = this.#values.length;
    if (kind === "constant") {
      const data = this.#reader.token.text === "[" ? this.#elements() : undefined;
      const type = this.#reader.typeAfterColon();
      return data === undefined ? { kind, id, ...type } : { kind, id, data, ...type };
    }
    const name = this.#reader.string("the tensor's name in quotes");
    if (kind === "input") {
      this.#inputs.push(id);
      return { kind, id, name, ...this.#reader.typeAfterColon() };
    }
    const isWeight = kind === "param";
    const role = kind === "param" ? "weight" : kind;
    const { trainable = isWeight, ...facts } = this.#paramFacts();
    return { kind: "param", id, name, trainable, role, ...facts, ...this.#reader.typeAfterColon() };
  }

  /** `{trainable=false, stored="uint8", zeros=12}`. Each may be left out. */
  #paramFacts(): Pick<ParamFacts, "trainable" | "stored" | "zeros"> {
    const start = this.#reader.token;
    if (start.text !== "{") return {};
    const { trainable, stored, zeros, ...rest } = parseAttributes(this.#reader);
    const type = STORED_TYPES.find((known) => known === stored);
    const isCount = typeof zeros === "number" && Number.isSafeInteger(zeros) && zeros >= 0;
    const fits =
      Object.keys(rest).length === 0 &&
      (trainable === undefined || typeof trainable === "boolean") &&
      (stored === undefined || type !== undefined) &&
      (zeros === undefined || isCount);
    if (!fits) {
      const types = STORED_TYPES.map((known) => `"${known}"`).join(", ");
      throw this.#reader.error(
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
    const start = this.#reader.token;
    const data = parseAttribute(this.#reader);
    if (!Array.isArray(data)) throw this.#reader.error("expected a list of elements", start);
    return data.map((element: Attribute) => {
      if (typeof element === "number" || typeof element === "string") return element;
      throw this.#reader.error("expected a list of numbers or strings only", start);
    });
  }

  /** `Kernel(x=%a, …) {attributes} : types  @scope call=0 placement=view dispatches=[…]` */
  #op(names: readonly Token[]): void {
    const kernel = this.#reader.word("a kernel, or input, param, statistic, slot or constant");
    const operands = this.#operands();
    const attrs = this.#reader.token.text === "{" ? parseAttributes(this.#reader) : {};
    const types = names.length === 0 ? [] : this.#resultTypes(names);
    const id = this.#ops.length;
    const results = types.map(({ name, type }, index) =>
      this.#define(name, { kind: "result", id: this.#values.length, op: id, index, ...type }),
    );
    this.#ops.push({ id, kernel, operands, attrs, results, ...this.#notes() });
  }

  #operands(): Record<string, ValueId> {
    const operands: Record<string, ValueId> = {};
    this.#reader.punctuation("(");
    for (let place = 0; !this.#reader.take(")"); place++) {
      if (place > 0) this.#reader.separator(")");
      const start = this.#reader.token;
      let name = String(place);
      if (start.kind !== "value") {
        name = this.#reader.word('an operand such as x=%0 or %0, or ")"');
        this.#reader.punctuation("=");
      }
      if (Object.hasOwn(operands, name))
        throw this.#reader.error(`operand "${name}" is given twice`, start);
      setOwn(operands, name, this.#value());
    }
    return operands;
  }

  #resultTypes(names: readonly Token[]): { name: Token; type: TensorType }[] {
    return names.map((name, index) => {
      if (index === 0) return { name, type: this.#reader.typeAfterColon() };
      if (this.#reader.token.text !== ",") {
        throw this.#reader.expected(`"," and the type of ${name.text}`);
      }
      this.#reader.next();
      return { name, type: this.#reader.type() };
    });
  }

  #notes(): Pick<Op, "scope" | "call" | "placement" | "dispatches"> {
    const scope = this.#scope();
    const call = this.#note("call") ? { call: this.#reader.integer("the id of a call") } : {};
    const placement = this.#note("placement") ? this.#placement() : "gpu";
    const dispatches = this.#note("dispatches")
      ? this.#reader.list("[", "]", () => this.#dispatch())
      : [];
    if (this.#reader.token.kind !== "end of line") {
      throw this.#reader.expected(
        "@scope, call=, placement= or dispatches=, in this order, or the end of line",
      );
    }
    return { scope, ...call, placement, dispatches };
  }

  #placement(): Placement {
    const { text } = this.#reader.token;
    if (text !== "gpu" && text !== "cpu" && text !== "view") {
      throw this.#reader.expected("gpu, cpu or view");
    }
    this.#reader.next();
    return text;
  }

  #note(name: string): boolean {
    if (!this.#reader.is("word", name)) return false;
    this.#reader.next();
    this.#reader.punctuation("=");
    return true;
  }

  #dispatch(): Dispatch {
    const program = this.#reader.word("a program");
    const start = this.#reader.token;
    const [x, y, z, more] = this.#reader.list("(", ")", () =>
      this.#reader.integer("a number of workgroups"),
    );
    if (x === undefined || y === undefined || z === undefined || more !== undefined) {
      throw this.#reader.error("expected three numbers of workgroups, such as (8,1,1)", start);
    }
    const begin = this.#reader.token;
    const facts = begin.text === "{" ? readDispatchFacts(parseAttributes(this.#reader)) : {};
    if (facts === undefined) {
      throw this.#reader.error(
        "expected facts about the dispatch: workgroupSize, shader, entryPoint, constants, buffers, uniforms or gpuTime",
        begin,
      );
    }
    return { program, workgroups: [x, y, z], ...facts };
  }

  #scope(): readonly string[] {
    const path: string[] = [];
    const { start } = this.#reader.token;
    if (!this.#reader.take("@")) return path;
    do path.push(this.#scopeName());
    while (this.#reader.take("/"));
    const key = this.#reader.text.slice(start, this.#reader.token.start).trimEnd();
    const known = this.#scopes.get(key);
    if (known !== undefined) return known;
    this.#scopes.set(key, path);
    return path;
  }

  #scopeName(): string {
    if (this.#reader.token.kind === "string") return this.#reader.string("a scope");
    const name = this.#reader.scopeName();
    if (name === undefined) throw this.#reader.expected("the name of a scope");
    return name;
  }

  /** `call 1 = layer Conv2D(%x) params=[%w] results=[%0] parent=0 @net/conv` */
  #call(): void {
    this.#reader.keyword("call");
    const start = this.#reader.token;
    const id = this.#reader.integer("the id of the call");
    if (id !== this.#calls.length) {
      throw this.#reader.error(`expected call ${this.#calls.length}, found call ${id}`, start);
    }
    this.#reader.punctuation("=");
    const kind = this.#reader.token.text;
    if (kind !== "layer" && kind !== "node") throw this.#reader.expected("layer or node");
    this.#reader.next();
    const className = this.#reader.word("the class of the layer or the op of the node");
    const inputs = this.#reader.list("(", ")", () => this.#callValue());
    const params = this.#note("params") ? this.#reader.list("[", "]", () => this.#value()) : [];
    const results = this.#note("results")
      ? this.#reader.list("[", "]", () => this.#callValue())
      : [];
    const parent = this.#note("parent") ? { parent: this.#reader.integer("the id of a call") } : {};
    const scope = this.#scope();
    this.#calls.push({ id, kind, className, scope, ...parent, inputs, results, params });
  }

  /** `%0`, or the type of a value that a pass has removed. */
  #callValue(): CallValue {
    return this.#reader.token.kind === "word" ? this.#reader.type() : this.#value();
  }

  /** `group softmax(3, 4, 5)` */
  #group(): void {
    this.#reader.keyword("group");
    const pattern = this.#reader.word("the name of a pattern");
    const ops = this.#reader.list("(", ")", () => this.#reader.integer("the id of an op"));
    this.#groups.push({ pattern, ops });
  }

  #define({ text, start }: Token, value: Value): ValueId {
    if (this.#ids.has(text)) {
      throw this.#reader.error(`${text} is defined twice`, { kind: "value", text, start });
    }
    this.#ids.set(text, value.id);
    this.#values.push(value);
    return value.id;
  }

  #value(): ValueId {
    if (this.#reader.token.kind !== "value") throw this.#reader.expected("a value such as %0");
    const id = this.#ids.get(this.#reader.token.text);
    if (id === undefined) {
      throw this.#reader.error(`${this.#reader.token.text} is not defined above`);
    }
    this.#reader.next();
    return id;
  }

  #valueList(): ValueId[] {
    const ids = [this.#value()];
    while (this.#reader.take(",")) ids.push(this.#value());
    return ids;
  }
}

function isDefinitionKind(text: string): text is DefinitionKind {
  return DEFINITIONS.has(text);
}

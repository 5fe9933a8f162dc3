import { dispatchFacts } from "./dispatch.ts";
import type {
  Attribute,
  Attributes,
  Call,
  CallValue,
  Graph,
  Op,
  Operands,
  OpId,
  ValueId,
} from "./graph.ts";
import { recordingToJson } from "./json/recording.ts";
import { notesOf } from "./notes.ts";
import { type Recording, recordingOf } from "./recording.ts";
import { formatType, type TensorType } from "./types.ts";
import { nameValues } from "./value-names.ts";
import { counted } from "./wording.ts";

/**
 * The text form of a graph, for people and golden tests. `parse` reads it back without loss, but for
 * the WGSL sources of a recording.
 *
 * Values come in order of their ids, then calls, groups, notes and how the graph was recorded. `%12` is the result of op 12; `%12.0`
 * and `%12.1` are its results where it has several. Other values have the names of their tensors.
 * Defaults of an op (no scope, placement `gpu`, no dispatches, no call) are left out.
 */
export function print(graph: Graph): string {
  return `${printLines(graph).lines.join("\n")}\n`;
}

/** The text form line by line. `opLines[op]` is the index of an op's line. */
export interface PrintedGraph {
  readonly lines: readonly string[];
  readonly opLines: readonly number[];
}

/** As `print`, line by line. It also prints invalid graphs, because messages quote their lines. */
export function printLines(graph: Graph): PrintedGraph {
  const printer = new Printer(graph);
  const { name, device, results, calls, groups } = graph;
  printer.lines.push(`graph ${quote(name)} device=${word(device)} {`);
  let next = 0;
  for (const op of graph.ops) {
    next = printer.definitions(next, firstIdAfter(op, next));
    printer.op(op);
    next = Math.max(next, (op.results.at(-1) ?? -1) + 1);
  }
  printer.definitions(next, graph.values.length);
  for (const call of calls) printer.call(call);
  for (const { pattern, ops } of groups) {
    printer.lines.push(`  group ${word(pattern)}(${ops.join(", ")})`);
  }
  printer.notes(notesOf(graph));
  const recording = recordingOf(graph);
  if (recording !== undefined) printer.recording(recording);
  printer.lines.push(results.length === 0 ? "  return" : `  return ${printer.names(results)}`, "}");
  return printer;
}

/** The id of an op's first result. For an op without results, the first id after its operands. */
function firstIdAfter(op: Op, next: ValueId): ValueId {
  return (
    op.results[0] ?? Object.values(op.operands).reduce((end, id) => Math.max(end, id + 1), next)
  );
}

class Printer implements PrintedGraph {
  readonly lines: string[] = [];
  readonly opLines: number[] = [];
  readonly #graph: Graph;
  readonly #names: readonly string[];

  constructor(graph: Graph) {
    this.#graph = graph;
    this.#names = nameValues(graph);
  }

  names(ids: readonly ValueId[]): string {
    return ids.map((id) => this.#name(id)).join(", ");
  }

  /** The inputs, parameters and constants with ids from `start` to before `end`, in columns. */
  definitions(start: ValueId, end: ValueId): number {
    const rows: [name: string, kind: string, detail: string, type: string][] = [];
    for (let id = start; id < end; id++) {
      const row = this.#definition(id);
      if (row !== undefined) rows.push(row);
    }
    const width = (column: 0 | 1 | 2) =>
      rows.reduce((widest, row) => Math.max(widest, row[column].length), 0);
    const [names, kinds, details] = [width(0), width(1), width(2)];
    for (const [name, kind, detail, type] of rows) {
      const columns = [`${name.padEnd(names)} =`, kind.padEnd(kinds)];
      if (details > 0) columns.push(detail.padEnd(details));
      this.lines.push(`  ${columns.join(" ")} : ${type}`);
    }
    return Math.max(start, end);
  }

  op({ id, kernel, operands, attrs, results, scope, call, placement, dispatches }: Op): void {
    const parts: string[] = [];
    if (results.length > 0) parts.push(`${this.names(results)} =`);
    parts.push(`${word(kernel)}(${this.#operands(operands)})`);
    if (Object.keys(attrs).length > 0) parts.push(formatAttributes(attrs));
    if (results.length > 0) {
      parts.push(`: ${results.map((result) => this.#type(result)).join(", ")}`);
    }
    // Two spaces separate the op from where it ran.
    const notes: string[] = [];
    if (scope.length > 0) notes.push(scopePath(scope));
    if (call !== undefined) notes.push(`call=${call}`);
    if (placement !== "gpu") notes.push(`placement=${placement}`);
    if (dispatches.length > 0) {
      const list = dispatches.map((dispatch) => {
        const facts = dispatchFacts(dispatch);
        const known = Object.keys(facts).length === 0 ? "" : ` ${formatAttributes(facts)}`;
        return `${word(dispatch.program)}(${dispatch.workgroups.join(",")})${known}`;
      });
      notes.push(`dispatches=[${list.join(", ")}]`);
    }
    this.opLines[id] = this.lines.length;
    this.lines.push(`  ${parts.join(" ")}${notes.length > 0 ? `  ${notes.join(" ")}` : ""}`);
  }

  call({ id, kind, className, scope, parent, inputs, results, params }: Call): void {
    const parts = [`call ${id} = ${kind} ${word(className)}(${this.#callValues(inputs)})`];
    if (params.length > 0) parts.push(`params=[${this.names(params)}]`);
    if (results.length > 0) parts.push(`results=[${this.#callValues(results)}]`);
    if (parent !== undefined) parts.push(`parent=${parent}`);
    if (scope.length > 0) parts.push(scopePath(scope));
    this.lines.push(`  ${parts.join(" ")}`);
  }

  notes(notes: readonly string[]): void {
    for (const note of notes) this.lines.push(`  note ${quote(note)}`);
  }

  /** How the graph was recorded; the events in between ops, one line for each op. */
  recording(recording: Recording): void {
    const { events, shaders, ...facts } = recordingToJson(recording);
    const sources = Object.keys(shaders ?? {}).length;
    if (sources > 0) {
      this.lines.push(
        `  # ${counted(sources, "WGSL source")} left out here: the JSON form has ${sources === 1 ? "it" : "them"}.`,
      );
    }
    this.lines.push(`  recording ${formatAttributes(facts)}`);
    for (let at = 0; at < events.length; ) {
      const op = events[at]?.op;
      const other = events.findIndex((event, i) => i > at && event.op !== op);
      const end = other < 0 ? events.length : other;
      const list = events.slice(at, end).map(({ op: _, ...event }) => event);
      this.lines.push(`  events ${op === undefined ? "" : `${op} `}${formatAttribute(list)}`);
      at = end;
    }
  }

  #callValues(values: readonly CallValue[]): string {
    return values
      .map((value) => (typeof value === "number" ? this.#name(value) : formatType(value)))
      .join(", ");
  }

  #name(id: ValueId): string {
    return this.#names[id] ?? `%undefined.${id}`;
  }

  #type(id: ValueId): string {
    const value: TensorType | undefined = this.#graph.values[id];
    return value === undefined ? "undefined" : formatType(value);
  }

  #operands(operands: Operands): string {
    const entries = Object.entries(operands);
    const isList = entries.every(([name], index) => name === String(index));
    return entries
      .map(([name, id]) => (isList ? this.#name(id) : `${word(name)}=${this.#name(id)}`))
      .join(", ");
  }

  #definition(id: ValueId): [string, string, string, string] | undefined {
    const value = this.#graph.values[id];
    if (value === undefined) return undefined;
    const name = this.#name(id);
    const type = formatType(value);
    switch (value.kind) {
      case "input":
        return [name, "input", quote(value.name), type];
      case "param": {
        const isWeight = value.role === "weight";
        const { stored, zeros } = value;
        const trainable = value.trainable === isWeight ? undefined : value.trainable;
        const notes: Attributes = {
          ...(trainable === undefined ? {} : { trainable }),
          ...(stored === undefined ? {} : { stored }),
          ...(zeros === undefined ? {} : { zeros }),
        };
        const facts = Object.keys(notes).length === 0 ? "" : ` ${formatAttributes(notes)}`;
        return [name, isWeight ? "param" : value.role, quote(value.name) + facts, type];
      }
      case "constant": {
        const data = value.data === undefined ? "" : formatAttribute(value.data);
        return [name, "constant", data, type];
      }
      // Only in a graph whose ids are not in order of definition, which the verifier refuses.
      case "result":
        return undefined;
    }
  }
}

/** One op as its line in the text form. */
export function printOp(graph: Graph, id: OpId): string {
  const op = graph.ops[id];
  if (op === undefined) return "";
  const printer = new Printer(graph);
  printer.op(op);
  return printer.lines.join("").trim();
}

const BARE_WORD = /^[A-Za-z_][A-Za-z0-9_.-]*$/;

/** A name, in quotes where it has anything but letters, digits, `_`, `.` and `-`. */
function word(name: string): string {
  return BARE_WORD.test(name) ? name : quote(name);
}

function quote(text: string): string {
  return JSON.stringify(text);
}

function scopePath(scope: readonly string[]): string {
  return `@${scope.map((name) => (BARE_SCOPE.test(name) ? name : quote(name))).join("/")}`;
}

/** Scopes are often numbers (`features/0`), which need no quotes after the `@`. */
const BARE_SCOPE = /^[A-Za-z0-9_][A-Za-z0-9_.-]*$/;

/** Attributes in the text form: `{strides=[1,1], pad="same"}`. */
export function formatAttributes(attrs: Attributes): string {
  const entries = Object.entries(attrs).map(
    ([name, attribute]) => `${word(name)}=${formatAttribute(attribute)}`,
  );
  return `{${entries.join(", ")}}`;
}

/** One attribute in the text form. Numbers that JSON lacks are `nan`, `inf`, `-inf` and `-0`. */
export function formatAttribute(attribute: Attribute): string {
  switch (typeof attribute) {
    case "number":
      return formatNumber(attribute);
    case "string":
      return quote(attribute);
    case "boolean":
      return String(attribute);
    case "object":
      if (attribute === null) return "null";
      return isList(attribute)
        ? `[${attribute.map(formatAttribute).join(",")}]`
        : formatAttributes(attribute);
  }
}

function isList<T extends object>(value: T): value is Extract<T, readonly unknown[]> {
  return Array.isArray(value);
}

function formatNumber(value: number): string {
  if (Number.isNaN(value)) return "nan";
  if (Object.is(value, -0)) return "-0";
  if (!Number.isFinite(value)) return value > 0 ? "inf" : "-inf";
  return String(value);
}

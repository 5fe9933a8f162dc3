import { annotate } from "../analysis.ts";
import type { Attribute, Graph } from "../graph.ts";
import { recordingFromJson, strayIn } from "../json/recording.ts";
import { recordingSchema } from "../json/recording-schema.ts";
import { NOTES } from "../notes.ts";
import { RECORDING } from "../recording.ts";
import { inEnglish } from "../schema-messages.ts";
import { parseAttribute, parseAttributes } from "./attributes.ts";
import type { Token } from "./lexer.ts";
import type { Reader } from "./reader.ts";

/** Reads what the text form says of how its graph was recorded: notes, recording and events. */
export class RecordingParser {
  readonly #reader: Reader;
  readonly #notes: string[] = [];
  readonly #events: Attribute[] = [];
  #recording: { readonly start: Token; readonly facts: object } | undefined;

  constructor(reader: Reader) {
    this.#reader = reader;
  }

  /** `note "…"` */
  note(): void {
    this.#reader.keyword("note");
    this.#notes.push(this.#reader.string("a note in quotes"));
  }

  /** `recording {reads=[3], memory={…}}` */
  recording(): void {
    const start = this.#reader.token;
    if (this.#recording !== undefined) throw this.#reader.error("the recording is given twice");
    this.#reader.keyword("recording");
    this.#recording = { start, facts: parseAttributes(this.#reader) };
  }

  /** `events 12 [{kind="upload", bytes=64}]`: those of op 12; without a number those of no op. */
  events(): void {
    this.#reader.keyword("events");
    const isOfOp = this.#reader.token.kind === "number";
    const op = isOfOp ? this.#reader.integer("the id of an op") : undefined;
    const start = this.#reader.token;
    const list = parseAttribute(this.#reader);
    if (!Array.isArray(list)) throw this.#reader.error("expected a list of events", start);
    // Not spread: V8 takes ten times as long for an object that others are spread into.
    for (const event of list) {
      this.#events.push(Object.assign(op === undefined ? {} : { op }, event));
    }
  }

  /** Attaches to the graph what was read. */
  annotate(graph: Graph): void {
    if (this.#notes.length > 0) annotate(graph, NOTES, this.#notes);
    if (this.#recording === undefined) return;
    const { start, facts } = this.#recording;
    const parsed = recordingSchema().safeParse({ ...facts, events: this.#events }, inEnglish());
    if (!parsed.success) {
      const [issue] = parsed.error.issues;
      const what = issue?.message ?? "invalid";
      throw this.#reader.error(
        `the recording is wrong at ${issue?.path.join(".")}: ${what}`,
        start,
      );
    }
    const stray = strayIn(graph, parsed.data);
    if (stray !== undefined) throw this.#reader.error(stray, start);
    annotate(graph, RECORDING, recordingFromJson(parsed.data));
  }
}

import type { DeviceFacts, Entry, Listener } from "../commands.ts";
import { HeldContents } from "./held-contents.ts";

/** What a page did within a span of time. */
export interface LiveSpan {
  readonly submits: number;
  readonly dispatches: number;
  readonly draws: number;
  /** How many different pipelines of compute ran. */
  readonly pipelines: number;
  /** Bytes that the page wrote to buffers. */
  readonly writtenBytes: number;
  /** Bytes that it mapped to read. */
  readonly readBytes: number;
  /** Bytes of the buffers that are known and were not destroyed, at the end. */
  readonly bufferBytes: number;
  /** What a graph is made of; undefined where it was too much to keep. */
  readonly entries: readonly Entry[] | undefined;
}

/** How many commands, writes and the like of one span are kept. */
const MOST_ENTRIES = 20_000;
/** Of longer writes, the bytes are not kept. */
const MOST_BYTES = 2 ** 16;
/** How many bytes of all writes of one span are kept. */
const MOST_SPAN_BYTES = 2 ** 22;

/** Counts what a page does as it happens, span by span, in bounded memory. */
export class LiveLog implements Listener {
  readonly mostBytes = MOST_BYTES;
  readonly holdsBuffers = false;
  readonly #held = new HeldContents();
  #span = new Span([]);

  /** Ends a span, and begins another. Returns undefined where nothing was submitted. */
  take(): LiveSpan | undefined {
    const span = this.#span.end(this.#held.bytes);
    this.#span = new Span(this.#held.entries());
    return span.submits === 0 ? undefined : span;
  }

  entry(entry: Entry): void {
    this.#span.add(entry);
    this.#held.entry(entry);
  }

  adapter(): void {}

  device({ label }: GPUDevice): DeviceFacts {
    return { label, limits: undefined };
  }

  pending(): void {}
}

class Span {
  #entries: Entry[] | undefined;
  readonly #pipelines = new Set<object>();
  #count = 0;
  #keptBytes = 0;
  #submits = 0;
  #dispatches = 0;
  #draws = 0;
  #writtenBytes = 0;
  #readBytes = 0;

  constructor(entries: Entry[]) {
    this.#entries = entries;
  }

  add(entry: Entry): void {
    this.#keep(entry);
    if (entry.kind === "submit") this.#submitted(entry);
    else if (entry.kind === "write") this.#writtenBytes += entry.to.bytes;
    else if (entry.kind === "upload") this.#writtenBytes += entry.bytes;
    else if (entry.kind === "read") this.#readBytes += entry.from.bytes;
  }

  #keep(entry: Entry): void {
    this.#count += entry.kind === "submit" ? entry.commands.length : 1;
    if (this.#count > MOST_ENTRIES) this.#entries = undefined;
    if (entry.kind === "write") this.#keptBytes += entry.data?.byteLength ?? 0;
    const isTooMuch = entry.kind === "write" && this.#keptBytes > MOST_SPAN_BYTES;
    this.#entries?.push(isTooMuch ? { ...entry, data: undefined } : entry);
  }

  end(bufferBytes: number): LiveSpan {
    return {
      ...{ submits: this.#submits, dispatches: this.#dispatches, draws: this.#draws },
      ...{ writtenBytes: this.#writtenBytes, readBytes: this.#readBytes, bufferBytes },
      ...{ pipelines: this.#pipelines.size, entries: this.#entries },
    };
  }

  #submitted({ commands }: Extract<Entry, { readonly kind: "submit" }>): void {
    this.#submits++;
    for (const command of commands) {
      if (command.kind === "dispatch") {
        this.#dispatches++;
        this.#pipelines.add(command.pipeline);
      } else if (command.kind === "other" && command.name.startsWith("draw")) this.#draws++;
    }
  }
}

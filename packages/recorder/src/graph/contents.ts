import type { ValueId } from "@opcounter/ir/core";
import type { BufferFacts, BufferRange } from "../commands.ts";

/** What was written to bytes of a buffer at once: a value of the graph, once anything takes it. */
export interface Content {
  /** In bytes. */
  readonly size: number;
  /** The bytes, where the program gave them, or they are zeros. */
  readonly bytes: Uint8Array | "zeros" | undefined;
  value: ValueId | undefined;
  /** Where it comes from: the buffer whose name an input has. */
  readonly buffer: BufferFacts;
}

/** A part of a buffer that one content fills, from `at` on. */
export interface Part {
  readonly start: number;
  readonly end: number;
  readonly content: Content;
  readonly at: number;
}

/** What the buffers hold, part by part, as commands run in order. */
export class BufferContents {
  readonly #parts = new Map<BufferFacts, Part[]>();

  /** A new buffer is zeros. */
  create(buffer: BufferFacts): void {
    this.#parts.set(buffer, []);
    this.write({ buffer, offset: 0, bytes: buffer.size }, zeros(buffer, buffer.size));
  }

  destroy(buffer: BufferFacts): void {
    this.#parts.delete(buffer);
  }

  /** From now on these bytes are this content. */
  write({ buffer, offset, bytes }: BufferRange, content: Content): void {
    const [start, end] = [offset, offset + bytes];
    const around = (this.#parts.get(buffer) ?? []).flatMap((part) => [
      clip(part, part.start, Math.min(part.end, start)),
      clip(part, Math.max(part.start, end), part.end),
    ]);
    const parts = [...around, { start, end, content, at: 0 }].filter(isPresent);
    this.#parts.set(
      buffer,
      parts.sort((a, b) => a.start - b.start),
    );
  }

  /** The parts of a range, in order. */
  read({ buffer, offset, bytes }: BufferRange): Part[] {
    return (this.#parts.get(buffer) ?? [])
      .map((part) => clip(part, Math.max(part.start, offset), Math.min(part.end, offset + bytes)))
      .filter(isPresent);
  }

  /** The bytes of a range, where all of them are known and there are at most `most`. */
  bytes(range: BufferRange, most: number): Uint8Array | undefined {
    if (range.bytes > most) return undefined;
    const bytes = new Uint8Array(range.bytes);
    for (const { start, end, content, at } of this.read(range)) {
      if (content.bytes === undefined) return undefined;
      if (content.bytes === "zeros") continue;
      bytes.set(content.bytes.subarray(at, at + end - start), start - range.offset);
    }
    return bytes;
  }
}

export function zeros(buffer: BufferFacts, size: number): Content {
  return { size, bytes: "zeros", value: undefined, buffer };
}

/** What a command of the device writes. */
export function computed(buffer: BufferFacts, size: number, value: ValueId): Content {
  return { size, bytes: undefined, value, buffer };
}

function clip(part: Part, start: number, end: number): Part | undefined {
  if (start >= end) return undefined;
  return { start, end, content: part.content, at: part.at + start - part.start };
}

function isPresent<T>(value: T | undefined): value is T {
  return value !== undefined;
}

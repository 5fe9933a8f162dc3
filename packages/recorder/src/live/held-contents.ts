import type { BufferFacts, BufferRange, Command, Entry } from "../commands.ts";

/** Of a larger buffer, the contents are not kept: they decide no branch of a shader. */
const MOST_BYTES = 2 ** 16;
/** From the WebGPU specification, "GPUBufferUsage". */
const UNIFORM = 0x40;
const STORAGE = 0x80;

/** The buffers that a page has now, and what the small ones hold that no shader can write. */
export class HeldContents {
  /** Bytes are not changed but replaced: a span that has begun keeps what was there. */
  readonly #buffers = new Map<BufferFacts, Uint8Array | undefined>();
  #bytes = 0;

  /** Of all buffers. */
  get bytes(): number {
    return this.#bytes;
  }

  /** What a recording that begins now begins with. */
  entries(): Entry[] {
    const entries: Entry[] = [];
    for (const [buffer, data] of this.#buffers) {
      const isCollected = buffer.object instanceof WeakRef && buffer.object.deref() === undefined;
      if (isCollected) this.#forget(buffer);
      else entries.push({ kind: "held", buffer, data });
    }
    return entries;
  }

  entry(entry: Entry): void {
    switch (entry.kind) {
      case "create":
        this.#add(
          entry.buffer,
          isKept(entry.buffer) ? new Uint8Array(entry.buffer.size) : undefined,
        );
        break;
      case "held":
        this.#add(entry.buffer, entry.data);
        break;
      case "destroy":
        this.#forget(entry.buffer);
        break;
      case "write":
        this.#write(entry.to, entry.data);
        break;
      case "submit":
        for (const command of entry.commands) this.#run(command);
    }
  }

  #run(command: Command): void {
    const written =
      command.kind === "copy" || command.kind === "clear"
        ? [command.to]
        : command.kind === "other"
          ? command.writes
          : [];
    for (const { buffer } of written) {
      if (this.#buffers.get(buffer) !== undefined) this.#buffers.set(buffer, undefined);
    }
  }

  #write({ buffer, offset, bytes }: BufferRange, data: Uint8Array | undefined): void {
    if (!isKept(buffer)) return;
    const isWhole = offset === 0 && bytes === buffer.size;
    const before = isWhole ? new Uint8Array(bytes) : this.#buffers.get(buffer)?.slice();
    if (data !== undefined) before?.set(data, offset);
    this.#buffers.set(buffer, data && before);
  }

  #add(buffer: BufferFacts, data: Uint8Array | undefined): void {
    this.#bytes += buffer.size;
    this.#buffers.set(buffer, data);
  }

  #forget(buffer: BufferFacts): void {
    if (this.#buffers.delete(buffer)) this.#bytes -= buffer.size;
  }
}

/** Uniform buffers have the sizes that loops run to. A buffer that a shader can write has none for long. */
function isKept({ size, usage }: BufferFacts): boolean {
  return (usage & UNIFORM) !== 0 && (usage & STORAGE) === 0 && size <= MOST_BYTES;
}

import { nameOfBuffer } from "./checks.ts";
import { enforceRange } from "./integers.ts";
import { anotherTask, operationError, type Refuse } from "./objects.ts";

/** Where the bytes of virtual buffers come from. */
export interface Contents {
  /**
   * What a buffer holds after all that was submitted so far.
   *
   * @throws Error with a sentence where that cannot be told.
   */
  read(buffer: object, offset: number, bytes: number): Uint8Array;
}

interface Mapping {
  readonly offset: number;
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** The parts that were given out. They are lost when the buffer is unmapped. */
  readonly ranges: { readonly start: number; readonly end: number; readonly view: ArrayBuffer }[];
}

/** A buffer that has no memory unless it is mapped. Source of its rules: WebGPU, "Buffer Mapping". */
export class VirtualBuffer {
  label: string;
  readonly size: number;
  readonly usage: number;
  mapState: GPUBufferMapState = "unmapped";
  readonly #contents: Contents;
  readonly #refuse: Refuse;
  #mapping: Mapping | undefined;
  /** Counts what ends a pending map. */
  #turn = 0;
  #isDestroyed = false;

  /** @param refuse tells the device of a validation error. */
  constructor(
    { label = "", size: bytes, usage, mappedAtCreation = false }: GPUBufferDescriptor,
    contents: Contents,
    refuse: Refuse,
  ) {
    const size = enforceRange(bytes, 53, "size of a buffer");
    if (mappedAtCreation && size % 4 !== 0) {
      throw new RangeError(
        `A buffer that is mapped at creation has ${size} bytes, no multiple of 4`,
      );
    }
    this.label = label;
    this.size = size;
    this.usage = usage;
    this.#contents = contents;
    this.#refuse = refuse;
    this.#checkUsage();
    if (mappedAtCreation) this.#map(0, new Uint8Array(size));
  }

  async mapAsync(mode: number, offset = 0, size = Math.max(0, this.size - offset)): Promise<void> {
    const wrong = this.#wrongMapping(mode, offset, size);
    if (wrong !== undefined) {
      this.#refuse(wrong);
      throw operationError(wrong);
    }
    this.mapState = "pending";
    const turn = ++this.#turn;
    await anotherTask();
    if (turn !== this.#turn) throw new DOMException("The buffer was unmapped", "AbortError");
    try {
      const held = this.#contents.read(this, offset, size);
      this.#map(offset, new Uint8Array(held));
    } catch (error) {
      this.mapState = "unmapped";
      throw operationError(error instanceof Error ? error.message : String(error));
    }
  }

  getMappedRange(offset = 0, size = Math.max(0, this.size - offset)): ArrayBuffer {
    const mapping = this.#mapping;
    const wrong =
      mapping === undefined
        ? `${this.#name()} is not mapped`
        : this.#wrongRange(mapping, offset, size);
    if (mapping === undefined || wrong !== undefined) throw operationError(wrong ?? "");
    const start = offset - mapping.offset;
    const view = mapping.bytes.slice(start, start + size).buffer;
    mapping.ranges.push({ start: offset, end: offset + size, view });
    return view;
  }

  unmap(): void {
    this.#turn++;
    this.mapState = "unmapped";
    const ranges = this.#mapping?.ranges ?? [];
    this.#mapping = undefined;
    // The program loses the memory that it was given, as on a device.
    for (const { view } of ranges)
      if (view.byteLength > 0) structuredClone(view, { transfer: [view] });
  }

  destroy(): void {
    this.unmap();
    this.#isDestroyed = true;
  }

  #map(offset: number, bytes: Uint8Array<ArrayBuffer>): void {
    this.mapState = "mapped";
    this.#mapping = { offset, bytes, ranges: [] };
  }

  /** Source: WebGPU, `createBuffer()`. */
  #checkUsage(): void {
    const { MAP_READ, MAP_WRITE, COPY_DST, COPY_SRC } = GPUBufferUsage;
    const goesWith = (map: number, copy: number) =>
      (this.usage & map) === 0 || (this.usage & ~(map | copy)) === 0;
    if (this.usage === 0) this.#refuse(`${this.#name()} is made for no usage`);
    if (!goesWith(MAP_READ, COPY_DST)) {
      this.#refuse(`${this.#name()} has the usage MAP_READ, which goes with COPY_DST alone`);
    }
    if (!goesWith(MAP_WRITE, COPY_SRC)) {
      this.#refuse(`${this.#name()} has the usage MAP_WRITE, which goes with COPY_SRC alone`);
    }
  }

  #wrongMapping(mode: number, offset: number, size: number): string | undefined {
    const { MAP_READ, MAP_WRITE } = GPUBufferUsage;
    const usage = mode === GPUMapMode.READ ? MAP_READ : mode === GPUMapMode.WRITE ? MAP_WRITE : 0;
    const name = this.#name();
    if (this.#isDestroyed) return `${name} is destroyed and cannot be mapped`;
    if (this.mapState !== "unmapped") return `${name} is mapped already`;
    if (usage === 0)
      return `${name} is mapped with the mode ${mode}, which is neither READ nor WRITE`;
    if ((this.usage & usage) === 0) {
      return `${name} lacks the usage ${usage === MAP_READ ? "MAP_READ" : "MAP_WRITE"} to be mapped so`;
    }
    return this.#wrongPart(offset, size);
  }

  #wrongPart(offset: number, size: number): string | undefined {
    if (offset % 8 !== 0 || size % 4 !== 0) {
      return `${this.#name()} is mapped from ${offset} for ${size} bytes; these are multiples of 8 and 4`;
    }
    if (offset + size > this.size) return `${this.#name()} has no ${size} bytes from ${offset}`;
    return undefined;
  }

  #wrongRange(
    { offset: from, bytes, ranges }: Mapping,
    offset: number,
    size: number,
  ): string | undefined {
    const wrong = this.#wrongPart(offset, size);
    if (wrong !== undefined) return wrong;
    const end = offset + size;
    if (offset < from || end > from + bytes.length) {
      return `${this.#name()} is not mapped from ${offset} for ${size} bytes`;
    }
    const isGiven = ranges.some((range) => offset < range.end && range.start < end);
    return isGiven ? `${this.#name()} gave out a part of these bytes before` : undefined;
  }

  #name(): string {
    return nameOfBuffer(this);
  }
}

import type { GraphBuilder, TensorType, ValueId } from "@opcounter/ir/core";
import type { BufferFacts, BufferRange } from "../commands.ts";
import { BufferContents, type Content, computed } from "./contents.ts";

/** Of a longer range, the bytes are not looked at: they decide no branch of a shader. */
const MOST_KNOWN = 2 ** 20;

/** The values that buffers hold: in SSA form, each write makes a new one. */
export class ValueMap {
  readonly #builder: GraphBuilder;
  readonly #contents = new BufferContents();
  /** Parts of contents that were taken, until their buffer is written again. */
  readonly #views = new Map<BufferFacts, Map<string, ValueId>>();
  readonly #inputs = new Map<string, number>();

  constructor(builder: GraphBuilder) {
    this.#builder = builder;
  }

  create(buffer: BufferFacts): void {
    this.#contents.create(buffer);
  }

  /** A buffer that was there before; what it holds is an input, once anything takes it. */
  held(buffer: BufferFacts, data: Uint8Array | undefined): void {
    this.given({ buffer, offset: 0, bytes: buffer.size }, data);
  }

  /** The program gave these bytes. They are an input, once anything takes them. */
  given({ buffer, offset, bytes }: BufferRange, data: Uint8Array | undefined): void {
    const range = { buffer, offset, bytes };
    this.#write(range, { size: bytes, bytes: data, value: undefined, buffer });
  }

  /** An op gave a value to this range. `data`: where the bytes are known all the same. */
  computed(range: BufferRange, value: ValueId, data?: Content["bytes"]): void {
    this.#write(range, { ...computed(range.buffer, range.bytes, value), bytes: data });
  }

  /** Whether the graph has a part of what a range holds, so that an op may have made it. */
  isKnown(range: BufferRange): boolean {
    return this.#contents.read(range).some(({ content }) => content.value !== undefined);
  }

  bytes(range: BufferRange): Uint8Array | undefined {
    return this.#contents.bytes(range, MOST_KNOWN);
  }

  /** The value that a range holds. `isFloat` is how it is looked at, if nothing has so far. */
  valueOf(range: BufferRange, isFloat: boolean): ValueId {
    const parts = this.#contents.read(range);
    const [first, ...others] = parts;
    if (first === undefined) return this.#builder.constant(typeOf(range.bytes, isFloat));
    const isWhole = others.length === 0 && first.content.size === range.bytes;
    return isWhole ? this.#valueOf(first.content, isFloat) : this.#view(range, isFloat);
  }

  /** A part of a value, or parts of several: no bytes move. */
  #view(range: BufferRange, isFloat: boolean): ValueId {
    const { buffer, offset, bytes } = range;
    const views = this.#views.get(buffer) ?? new Map<string, ValueId>();
    this.#views.set(buffer, views);
    const key = `${offset} ${bytes}`;
    const known = views.get(key);
    if (known !== undefined) return known;
    const contents = new Set(this.#contents.read(range).map(({ content }) => content));
    const values = [...contents].map((content) => this.#valueOf(content, isFloat));
    const [view = -1] = this.#builder.op({
      kernel: "webgpu.view",
      operands: Object.fromEntries(values.map((value, i) => [String(i), value])),
      attrs: { offset },
      results: [typeOf(bytes, isFloat)],
      placement: "view",
    });
    views.set(key, view);
    return view;
  }

  #valueOf(content: Content, isFloat: boolean): ValueId {
    content.value ??= this.#define(content, isFloat);
    return content.value;
  }

  #define({ size, bytes, buffer }: Content, isFloat: boolean): ValueId {
    const type = typeOf(size, isFloat);
    if (bytes === "zeros") return this.#builder.constant(type);
    return this.#builder.input(this.#inputName(buffer), type);
  }

  /** The buffer's name; where it was written before, with how often. */
  #inputName(buffer: BufferFacts): string {
    const name = buffer.label || `buffer ${buffer.id}`;
    const times = (this.#inputs.get(name) ?? 0) + 1;
    this.#inputs.set(name, times);
    return times === 1 ? name : `${name} (${times})`;
  }

  #write(range: BufferRange, content: Content): void {
    this.#contents.write(range, content);
    this.#views.delete(range.buffer);
  }
}

/** Contents of a buffer as a tensor: floats, or words of 32 bits. Bytes round up to a word. */
export function typeOf(bytes: number, isFloat: boolean): TensorType {
  return { dtype: isFloat ? "float32" : "int32", shape: [Math.ceil(bytes / 4)] };
}

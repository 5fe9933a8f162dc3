import type { BufferFacts, BufferRange, Command, DeviceFacts, PipelineFacts } from "../commands.ts";
import type { Encoding } from "./encoding.ts";

/** What a bind group binds. */
export interface BindGroupFacts {
  /** In order of binding, as dynamic offsets are. */
  readonly buffers: readonly BufferOfGroup[];
  /** How many textures and samplers. */
  readonly textures: number;
}

export interface BufferOfGroup extends BufferRange {
  readonly binding: number;
  /** Whether an offset is given where the group is set. */
  readonly isDynamic: boolean;
}

/** What is known of the objects that a program made. */
export class Known {
  /** By device, and by queue. */
  readonly devices = new WeakMap<object, DeviceFacts>();
  readonly buffers = new WeakMap<object, BufferFacts>();
  readonly shaders = new WeakMap<object, { readonly source: string; readonly label: string }>();
  readonly pipelines = new WeakMap<object, PipelineFacts>();
  /** By bind group layout: the bindings with dynamic offsets. */
  readonly dynamicBindings = new WeakMap<object, ReadonlySet<number>>();
  readonly groups = new WeakMap<object, BindGroupFacts>();
  /** Of encoders and passes. */
  readonly encodings = new WeakMap<object, Encoding>();
  /** Of command buffers and render bundles. */
  readonly commands = new WeakMap<object, readonly Command[]>();
  #buffers = 0;

  addBuffer(
    object: GPUBuffer,
    { label = "", size, usage }: GPUBufferDescriptor,
    device: DeviceFacts,
  ): BufferFacts {
    const facts = { id: this.#buffers++, label, size, usage, device, object };
    this.buffers.set(object, facts);
    return facts;
  }

  /** Bytes of a buffer, to its end where no size is given; undefined for a buffer nobody watched. */
  range(buffer: GPUBuffer, offset = 0, bytes?: number): BufferRange | undefined {
    const facts = this.buffers.get(buffer);
    if (facts === undefined) return undefined;
    // A program may name it at any time.
    if (buffer.label) facts.label = buffer.label;
    return { buffer: facts, offset, bytes: bytes ?? Math.max(0, facts.size - offset) };
  }
}

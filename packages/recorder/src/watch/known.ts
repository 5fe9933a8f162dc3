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
  readonly shaders = new WeakMap<object, { readonly source: string; readonly label: string }>();
  /** By bind group layout: the bindings with dynamic offsets. */
  readonly dynamicBindings = new WeakMap<object, ReadonlySet<number>>();
  readonly groups = new WeakMap<object, BindGroupFacts>();
  /** Of encoders and passes. */
  readonly encodings = new WeakMap<object, Encoding>();
  /** Of command buffers and render bundles. */
  readonly commands = new WeakMap<object, readonly Command[]>();
  /** By device, and by queue. */
  readonly #devices = new WeakMap<object, DeviceFacts>();
  readonly #buffers = new WeakMap<object, BufferFacts>();
  readonly #pipelines = new WeakMap<object, PipelineFacts>();
  readonly #holdsBuffers: boolean;
  readonly #onEarlier: (buffer: BufferFacts) => void;
  #bufferCount = 0;
  /** Of devices that were there before. */
  #earlier: DeviceFacts | undefined;

  /** @param onEarlier called with each buffer that is seen first and was made before. */
  constructor(holdsBuffers: boolean, onEarlier: (buffer: BufferFacts) => void) {
    this.#holdsBuffers = holdsBuffers;
    this.#onEarlier = onEarlier;
  }

  /** From now on, objects that nobody saw being made are known by what they tell themselves. */
  takeEarlier(device: DeviceFacts): void {
    this.#earlier = device;
  }

  addDevice(device: GPUDevice, facts: DeviceFacts): void {
    this.#devices.set(device, facts).set(device.queue, facts);
  }

  /** The device of a device or of a queue; undefined for one that nobody watched. */
  deviceOf(object: object): DeviceFacts | undefined {
    return this.#devices.get(object) ?? this.#earlier;
  }

  addBuffer(
    object: GPUBuffer,
    { label = "" }: GPUBufferDescriptor,
    device: DeviceFacts,
  ): BufferFacts {
    const { size, usage } = object;
    const facts = {
      ...{ id: this.#bufferCount++, label, size, usage, device },
      object: this.#holdsBuffers ? object : new WeakRef(object),
    };
    this.#buffers.set(object, facts);
    return facts;
  }

  bufferOf(object: object): BufferFacts | undefined {
    const known = this.#buffers.get(object);
    if (known !== undefined || this.#earlier === undefined) return known;
    if (!(object instanceof GPUBuffer)) return undefined;
    const earlier = this.addBuffer(object, object, this.#earlier);
    this.#onEarlier(earlier);
    return earlier;
  }

  /** Bytes of a buffer, to its end where no size is given; undefined for a buffer nobody watched. */
  range(buffer: GPUBuffer, offset = 0, bytes?: number): BufferRange | undefined {
    const facts = this.bufferOf(buffer);
    if (facts === undefined) return undefined;
    // A program may name it at any time.
    if (buffer.label) facts.label = buffer.label;
    // WebGPU cuts off what is no integer.
    const start = Math.trunc(offset);
    return {
      ...{ buffer: facts, offset: start },
      bytes: bytes === undefined ? Math.max(0, facts.size - start) : Math.trunc(bytes),
    };
  }

  /** The commands of a command buffer, once: a device refuses it when it is submitted again. */
  takeCommands(buffer: GPUCommandBuffer): readonly Command[] {
    const commands = this.commands.get(buffer) ?? [];
    this.commands.delete(buffer);
    return commands;
  }

  addPipeline(pipeline: GPUComputePipeline, facts: PipelineFacts): void {
    this.#pipelines.set(pipeline, facts);
  }

  pipelineOf(pipeline: GPUComputePipeline): PipelineFacts | undefined {
    const known = this.#pipelines.get(pipeline);
    if (known !== undefined || this.#earlier === undefined) return known;
    const facts = earlierPipeline(pipeline.label);
    this.#pipelines.set(pipeline, facts);
    return facts;
  }
}

function earlierPipeline(label: string): PipelineFacts {
  return { label, moduleLabel: "earlier pipeline", source: "", shader: "", constants: {} };
}

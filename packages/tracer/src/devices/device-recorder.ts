import type { DeviceEvent, Dispatch, Extent, OpId, WebGpuLimits } from "@opcounter/ir/core";
import type { WebGPUBackend } from "@tensorflow/tfjs-backend-webgpu";
import { own } from "../patches/patch.ts";
import { takeBack } from "../patches/undo.ts";
import type { DataId } from "../tfjs/engine.ts";
import { isVirtual } from "./backend.ts";
import { type Bindings, bindingsOf, words } from "./bindings.ts";
import { BufferLedger, type BufferSerial, useOf } from "./buffer-ledger.ts";
import { evict, FormerBuffers, hasFree } from "./empty-device.ts";
import { checkBindings, checkBuffer, checkDispatch, type Refusal } from "./limits.ts";
import { type CompiledProgram, compiledProgram, watchPipelines } from "./pipelines.ts";
import type { Timestamps } from "./timestamps.ts";
import { type EncoderListener, watchEncoder } from "./watch-encoder.ts";

/** What happened on a device, in order. It grows, and the recorder credits what is new to ops. */
export interface DeviceLog {
  readonly dispatches: Dispatch[];
  /** Without the ops, which are known at the end. */
  readonly events: (DeviceEvent & { op?: OpId })[];
  /** The buffers that were taken into use. */
  readonly taken: BufferSerial[];
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/**
 * Records what happens on one device between `start` and `stop`. It patches the methods of the
 * device, of its queue, of the encoders that the device makes meanwhile, and of the backend's
 * buffer manager. So it works on any device, virtual or real.
 */
export class DeviceRecorder implements EncoderListener {
  readonly shaders = new Map<string, string>();
  readonly #device: GPUDevice;
  readonly #backend: WebGPUBackend;
  /** The limits to check against; undefined where the device itself refuses. */
  readonly #limits: WebGpuLimits | undefined;
  readonly #isOurs: boolean;
  // Weak maps of as many entries would slow the garbage collector.
  #bindings = new Map<GPUBindGroup, Bindings>();
  #uniforms = new Map<GPUBuffer, readonly number[]>();
  timestamps: Timestamps | undefined;
  #log = emptyLog();
  #ledger = new BufferLedger();
  /** The pipelines that ran since `start`. */
  #pipelines = new Set<GPUComputePipeline>();
  #former: FormerBuffers | undefined;
  #isSuspect = false;
  #undo: (() => void)[] = [];
  #submitted = 0;
  #waitedMs = 0;
  readonly #reading = new Set<Promise<unknown>>();

  /** @param isOurs whether the device may stay patched while nothing is recorded. */
  constructor(
    backend: WebGPUBackend,
    { isOurs, limits }: { readonly isOurs: boolean; readonly limits?: WebGpuLimits },
  ) {
    this.#device = backend.device;
    this.#backend = backend;
    this.#limits = limits;
    this.#isOurs = isOurs;
    // A pipeline is compiled when it is first needed, which may be long before a recording.
    if (isOurs) this.#watchPipelines();
  }

  /**
   * Begins to record a pass as on an empty device: free buffers of earlier passes only stand in for
   * those that it makes.
   */
  startEmpty(): void {
    const former = new FormerBuffers(this.#backend);
    if (this.#isSuspect) former.destroy();
    this.#isSuspect = false;
    this.start();
    this.#former = former;
  }

  /**
   * The device refused something of the pass. Buffers that it made may be of no use, which nothing
   * tells of a buffer, so that none of them stands in for another.
   */
  distrust(): void {
    this.#isSuspect = true;
  }

  /**
   * Begins to record.
   *
   * @param timestamps if given, each dispatch runs in a compute pass of its own and is timed.
   */
  start(timestamps?: Timestamps): void {
    // What was made before may be old by now. V8 would then take what the pass adds for alive, even
    // when it is dropped, until it collects old garbage.
    this.#forgetPass();
    this.timestamps = timestamps;
    this.#pipelines = new Set();
    this.#submitted = 0;
    this.#waitedMs = 0;
    this.#undo = [
      ...(this.#isOurs ? [] : this.#watchPipelines()),
      ...this.#watchDevice(),
      ...this.#watchQueue(),
      ...this.#watchBackend(),
    ];
  }

  /** Ends the recording, and takes the patches back. */
  stop(): void {
    const undo = this.#undo;
    this.#undo = [];
    this.timestamps = undefined;
    this.#former?.forget();
    this.#former = undefined;
    this.#forgetPass();
    takeBack(undo);
  }

  #forgetPass(): void {
    this.#log = emptyLog();
    this.#ledger = new BufferLedger();
    this.#bindings = new Map();
    this.#uniforms = new Map();
  }

  /** The buffers in use since `start`. */
  get ledger(): BufferLedger {
    return this.#ledger;
  }

  /** What happened since `start`, or since it was last forgotten. */
  get log(): DeviceLog {
    return this.#log;
  }

  /** Begins another log, for who records for long and has seen this one. */
  forget(): void {
    this.#log = emptyLog();
  }

  /** Whether a read is pending. */
  get isReading(): boolean {
    return this.#reading.size > 0;
  }

  /**
   * Waits until no read is pending. A program may start reads without waiting for them, and read
   * again when they end.
   */
  async readsEnd(): Promise<void> {
    while (this.#reading.size > 0) {
      await Promise.allSettled(this.#reading);
      await new Promise((resolve) => setTimeout(resolve));
    }
  }

  /** How long the program waited for reads since `start`, in milliseconds. */
  get waitedMs(): number {
    return this.#waitedMs;
  }

  #watchPipelines(): (() => void)[] {
    return watchPipelines(this.#device, ({ shader, source }) => {
      this.shaders.set(shader, source);
    });
  }

  #watchDevice(): (() => void)[] {
    const device = this.#device;
    const { createCommandEncoder, createBuffer, createBindGroup } = device;
    return [
      own(device, "createCommandEncoder", (descriptor?: GPUCommandEncoderDescriptor) => {
        const encoder = createCommandEncoder.call(device, descriptor);
        watchEncoder(encoder, this);
        return encoder;
      }),
      own(device, "createBuffer", (descriptor: GPUBufferDescriptor) => {
        this.#made(descriptor.size, descriptor.usage);
        return createBuffer.call(device, descriptor);
      }),
      own(device, "createBindGroup", (descriptor: GPUBindGroupDescriptor) => {
        const group = createBindGroup.call(device, descriptor);
        const bindings = bindingsOf(descriptor);
        if (this.#limits) checkBindings(this.#limits, bindings, this.#refuse);
        this.#bindings.set(group, bindings);
        return group;
      }),
    ];
  }

  readBack(bytes: number): void {
    this.#log.events.push({ kind: "readback", bytes });
  }

  #made(bytes: number, usage: number): void {
    if (this.#limits) checkBuffer(this.#limits, bytes, this.#refuse);
    this.#log.events.push({ kind: "create", bytes, use: useOf(usage) });
  }

  dispatched(
    pipeline: GPUComputePipeline,
    group: GPUBindGroup | null | undefined,
    workgroups: Extent,
  ): void {
    const compiled = compiledProgram(pipeline);
    const bindings = group ? this.#bindings.get(group) : undefined;
    const uniforms = bindings?.uniforms && this.#uniforms.get(bindings.uniforms);
    if (this.#limits && compiled?.workgroupSize) {
      checkDispatch(this.#limits, workgroups, compiled.workgroupSize, this.#refuse);
    }
    this.#compiled(pipeline, compiled);
    // Field by field: spreading takes longer, and a pass has a dispatch for nearly every op.
    const dispatch: Mutable<Dispatch> = { program: pipeline.label, workgroups };
    if (compiled?.workgroupSize) dispatch.workgroupSize = compiled.workgroupSize;
    if (compiled) dispatch.shader = compiled.shader;
    if (bindings) dispatch.buffers = bindings.buffers;
    if (uniforms) dispatch.uniforms = uniforms;
    // A copy, for the reason that GraphBuilder keeps copies.
    this.#log.dispatches.push({ ...dispatch });
    this.#submitted++;
  }

  /** A pipeline counts as compiled where the pass first runs it, also if an earlier pass needed it. */
  #compiled(pipeline: GPUComputePipeline, compiled: CompiledProgram | undefined): void {
    if (this.#pipelines.has(pipeline)) return;
    this.#pipelines.add(pipeline);
    if (compiled !== undefined) this.shaders.set(compiled.shader, compiled.source);
    const known = compiled === undefined ? {} : { shader: compiled.shader };
    this.#log.events.push({ kind: "compile", program: pipeline.label, ...known });
  }

  #watchQueue(): (() => void)[] {
    const { queue } = this.#device;
    const { writeBuffer, submit } = queue;
    return [
      own(queue, "writeBuffer", (...args: Parameters<typeof writeBuffer>) => {
        const [buffer, , data, offset = 0, size] = args;
        if (useOf(buffer.usage) === "uniform")
          this.#uniforms.set(buffer, words(data, offset, size));
        else this.#log.events.push({ kind: "upload", bytes: size ?? data.byteLength });
        Reflect.apply(writeBuffer, queue, args);
      }),
      own(queue, "submit", (commands: Iterable<GPUCommandBuffer>) => {
        this.#log.events.push({ kind: "submit", dispatches: this.#submitted });
        this.#submitted = 0;
        submit.call(queue, commands);
      }),
    ];
  }

  #watchBackend(): (() => void)[] {
    const backend = this.#backend;
    const { bufferManager } = backend;
    const { acquireBuffer, releaseBuffer } = bufferManager;
    const { uploadToGPU, read } = backend;
    return [
      own(bufferManager, "acquireBuffer", (...args: Parameters<typeof acquireBuffer>) => {
        const [size, usage, isMapped = false, isReused = true] = args;
        const mayReuse = isReused && this.#former?.refuse(size, usage, isMapped) !== true;
        const allocated = bufferManager.numBytesAllocated;
        const buffer = acquireBuffer.call(bufferManager, size, usage, isMapped, mayReuse);
        const isStandIn = this.#former?.standsIn(buffer) === true;
        if (isStandIn) this.#made(size, usage);
        // A new buffer is recorded where the device makes it.
        const isMade = bufferManager.numBytesAllocated !== allocated || buffer.size === 0;
        const isNew = isMade || isStandIn;
        if (!isNew) {
          this.#log.events.push({ kind: "reuse", bytes: buffer.size, use: useOf(buffer.usage) });
        }
        this.#log.taken.push(this.#ledger.take(buffer, isNew));
        return buffer;
      }),
      own(bufferManager, "releaseBuffer", (buffer: GPUBuffer, reuse = true) => {
        // What is no part of the pass must not be reused in it.
        const isOfPass = this.#ledger.serialOf(buffer) !== undefined;
        const isKept = reuse && isOfPass;
        if (isOfPass) {
          const kind = isKept ? "free" : "destroy";
          this.#log.events.push({ kind, bytes: buffer.size, use: useOf(buffer.usage) });
          this.#ledger.giveBack(buffer, !isKept);
        }
        releaseBuffer.call(bufferManager, buffer, isKept);
      }),
      own(backend, "uploadToGPU", (dataId: object) => {
        const data = backend.tensorMap.get(dataId);
        const { resource } = data;
        if (resource != null) {
          // Most operands are there already, in a buffer of the pass.
          if (this.#ledger.holds(resource, dataId)) return;
          if (resource instanceof GPUBuffer) this.#adopt(dataId, resource);
          if (data.resource != null) return;
        }
        const { values } = data;
        uploadToGPU.call(backend, dataId);
        const { resource: made } = backend.tensorMap.get(dataId);
        if (made == null) return;
        this.#ledger.holds(made, dataId);
        if (values != null && "size" in made) {
          this.#log.events.push({ kind: "upload", bytes: made.size });
        }
      }),
      own(backend, "read", async (dataId: object) => {
        const began = performance.now();
        const reading = read.call(backend, dataId);
        this.#reading.add(reading);
        try {
          return await reading;
        } finally {
          this.#reading.delete(reading);
          this.#waitedMs += performance.now() - began;
        }
      }),
    ];
  }

  /**
   * This data existed before the pass. An earlier one may have left it on the device: what the host
   * has of it too is uploaded again, as to an empty device. The virtual device copies nothing, so
   * there the buffer stays, and counts as made and uploaded where the pass first uses it.
   */
  existedBefore(dataId: DataId): void {
    if (isVirtual(this.#backend) || !this.#backend.tensorMap.has(dataId)) return;
    const { resource } = this.#backend.tensorMap.get(dataId);
    const isOfPass = resource instanceof GPUBuffer && this.#ledger.serialOf(resource) !== undefined;
    if (!isOfPass) evict(this.#backend, dataId);
  }

  /**
   * A tensor from before the pass that is on the device counts as uploaded when the pass first uses
   * it: as it would be if nothing had run before.
   */
  #adopt(dataId: DataId, buffer: GPUBuffer): void {
    const { values } = this.#backend.tensorMap.get(dataId);
    if (values != null && hasFree(this.#backend, buffer)) {
      evict(this.#backend, dataId);
      return;
    }
    this.#log.taken.push(this.#ledger.take(buffer, true));
    this.#ledger.holds(buffer, dataId);
    const { size: bytes, usage } = buffer;
    this.#log.events.push({ kind: "create", bytes, use: useOf(usage) }, { kind: "upload", bytes });
  }

  readonly #refuse = (refusal: Refusal): void => {
    this.#log.events.push({ kind: "refusal", ...refusal });
  };
}

function emptyLog(): DeviceLog {
  return { dispatches: [], events: [], taken: [] };
}

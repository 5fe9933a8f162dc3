import { bytesOf } from "../bytes-of.ts";
import { checkUsage, checkWords, nameOfBuffer } from "./checks.ts";
import { enforceRange } from "./integers.ts";
import { anotherTask, asWebGPU, Labelled, operationError, type Refuse } from "./objects.ts";
import { VirtualBindGroup } from "./virtual-bindings.ts";
import { VirtualBuffer } from "./virtual-buffer.ts";

/** What all passes and encoders have: names for what follows. */
class Debuggable extends Labelled {
  pushDebugGroup(): void {}
  popDebugGroup(): void {}
  insertDebugMarker(): void {}
}

class VirtualComputePass extends Debuggable {
  readonly #refuse: Refuse;
  /** The buffers that the encoder's commands use. */
  readonly #used: Set<GPUBuffer>;
  #hasPipeline = false;

  constructor(
    descriptor: GPUComputePassDescriptor | undefined,
    used: Set<GPUBuffer>,
    refuse: Refuse,
  ) {
    super(descriptor);
    this.#used = used;
    this.#refuse = refuse;
  }

  setPipeline(): void {
    this.#hasPipeline = true;
  }

  setBindGroup(_index: number, group: unknown): void {
    if (!(group instanceof VirtualBindGroup)) return;
    for (const buffer of group.buffers) this.#used.add(buffer);
  }

  dispatchWorkgroups(x: number, y = 1, z = 1): void {
    for (const count of [x, y, z]) enforceRange(count, 32, "count of workgroups");
    this.#checkPipeline();
  }

  dispatchWorkgroupsIndirect(buffer: GPUBuffer, offset: number): void {
    this.#checkPipeline();
    this.#used.add(buffer);
    checkUsage(buffer, "INDIRECT", "to hold the workgroups of a dispatch", this.#refuse);
    checkWords([offset], "An indirect dispatch", this.#refuse);
  }

  end(): void {}

  #checkPipeline(): void {
    if (!this.#hasPipeline) this.#refuse("A compute pass dispatches without a pipeline");
  }
}

/** What render passes and bundles share. */
class VirtualRenderCommands extends Debuggable {
  setPipeline(): void {}
  setBindGroup(): void {}
  setVertexBuffer(): void {}
  setIndexBuffer(): void {}
  draw(): void {}
  drawIndexed(): void {}
  drawIndirect(): void {}
  drawIndexedIndirect(): void {}
}

class VirtualRenderPass extends VirtualRenderCommands {
  setViewport(): void {}
  setScissorRect(): void {}
  setBlendConstant(): void {}
  setStencilReference(): void {}
  beginOcclusionQuery(): void {}
  endOcclusionQuery(): void {}
  executeBundles(): void {}
  end(): void {}
}

export class VirtualRenderBundleEncoder extends VirtualRenderCommands {
  finish(descriptor?: GPURenderBundleDescriptor): GPURenderBundle {
    return asWebGPU(new Labelled(descriptor));
  }
}

/** What an encoder gives. */
class VirtualCommandBuffer extends Labelled {
  constructor(
    descriptor: GPUCommandBufferDescriptor | undefined,
    /** The buffers that its commands use. */
    readonly used: ReadonlySet<GPUBuffer>,
  ) {
    super(descriptor);
  }
}

/** Source of what it refuses: WebGPU, "Copy Commands" and "Compute Passes". */
export class VirtualCommandEncoder extends Debuggable {
  readonly #refuse: Refuse;
  readonly #used = new Set<GPUBuffer>();

  constructor(descriptor: GPUCommandEncoderDescriptor | undefined, refuse: Refuse) {
    super(descriptor);
    this.#refuse = refuse;
  }

  beginComputePass(descriptor?: GPUComputePassDescriptor): GPUComputePassEncoder {
    return asWebGPU(new VirtualComputePass(descriptor, this.#used, this.#refuse));
  }

  beginRenderPass(descriptor?: GPURenderPassDescriptor): GPURenderPassEncoder {
    return asWebGPU(new VirtualRenderPass(descriptor));
  }

  /** Takes two buffers and a size, or an offset after each. */
  copyBufferToBuffer(from: GPUBuffer, ...rest: readonly unknown[]): void {
    const to = rest.find((each) => each instanceof VirtualBuffer);
    this.#copiesFrom(from);
    if (to !== undefined) this.#copiesTo(asWebGPU(to));
    if (Object.is(from, to)) this.#refuse(`${nameOfBuffer(from)} is copied to itself`);
    checkWords(rest, "A copy", this.#refuse);
  }

  copyBufferToTexture({ buffer }: GPUTexelCopyBufferInfo): void {
    this.#copiesFrom(buffer);
  }

  copyTextureToBuffer(_from: GPUTexelCopyTextureInfo, { buffer }: GPUTexelCopyBufferInfo): void {
    this.#copiesTo(buffer);
  }

  copyTextureToTexture(): void {}

  clearBuffer(buffer: GPUBuffer, offset?: number, size?: number): void {
    this.#used.add(buffer);
    checkUsage(buffer, "COPY_DST", "to be cleared", this.#refuse);
    checkWords([offset, size], "A clearing", this.#refuse);
  }

  resolveQuerySet(_set: GPUQuerySet, _first: number, _count: number, to: GPUBuffer): void {
    this.#used.add(to);
    checkUsage(to, "QUERY_RESOLVE", "to take results of queries", this.#refuse);
  }

  writeTimestamp(): void {}

  finish(descriptor?: GPUCommandBufferDescriptor): GPUCommandBuffer {
    return asWebGPU(new VirtualCommandBuffer(descriptor, this.#used));
  }

  #copiesFrom(buffer: GPUBuffer): void {
    this.#used.add(buffer);
    checkUsage(buffer, "COPY_SRC", "to be copied from", this.#refuse);
  }

  #copiesTo(buffer: GPUBuffer): void {
    this.#used.add(buffer);
    checkUsage(buffer, "COPY_DST", "to be copied to", this.#refuse);
  }
}

export class VirtualQueue extends Labelled {
  readonly #refuse: Refuse;
  readonly #submitted = new WeakSet<object>();

  constructor(descriptor: GPUQueueDescriptor, refuse: Refuse) {
    super(descriptor);
    this.#refuse = refuse;
  }

  submit(commands: Iterable<GPUCommandBuffer>): void {
    for (const each of commands) {
      if (this.#submitted.has(each)) this.#refuse("A command buffer is submitted twice");
      this.#submitted.add(each);
      const used = each instanceof VirtualCommandBuffer ? each.used : [];
      for (const buffer of used) this.#checkUnmapped(buffer, "a command uses it");
    }
  }

  writeBuffer(
    buffer: GPUBuffer,
    offset: number,
    data: GPUAllowSharedBufferSource,
    dataOffset = 0,
    size?: number,
  ): void {
    const { byteLength } = bytesOf(data, dataOffset, size);
    if (byteLength % 4 !== 0) {
      throw operationError(
        `${byteLength} bytes are written to a buffer: these are no multiple of 4`,
      );
    }
    checkUsage(buffer, "COPY_DST", "to be written", this.#refuse);
    checkWords([offset], "A write to a buffer", this.#refuse);
    this.#checkUnmapped(buffer, "it is written");
  }

  writeTexture(): void {}
  copyExternalImageToTexture(): void {}
  onSubmittedWorkDone(): Promise<void> {
    return anotherTask();
  }

  #checkUnmapped(buffer: GPUBuffer, when: string): void {
    if (buffer.mapState !== "unmapped")
      this.#refuse(`${nameOfBuffer(buffer)} is mapped when ${when}`);
  }
}

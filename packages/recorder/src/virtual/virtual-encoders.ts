import { enforceRange } from "./integers.ts";
import { asWebGPU, Labelled } from "./objects.ts";

/** What all passes and encoders have: names for what follows. */
class Debuggable extends Labelled {
  pushDebugGroup(): void {}
  popDebugGroup(): void {}
  insertDebugMarker(): void {}
}

/** Tells the device of a validation error. */
type Refuse = (message: string) => void;

class VirtualComputePass extends Debuggable {
  readonly #refuse: Refuse;
  #hasPipeline = false;

  constructor(descriptor: GPUComputePassDescriptor | undefined, refuse: Refuse) {
    super(descriptor);
    this.#refuse = refuse;
  }

  setPipeline(): void {
    this.#hasPipeline = true;
  }

  setBindGroup(): void {}

  dispatchWorkgroups(x: number, y = 1, z = 1): void {
    for (const count of [x, y, z]) enforceRange(count, 32, "count of workgroups");
    this.#checkPipeline();
  }

  dispatchWorkgroupsIndirect(): void {
    this.#checkPipeline();
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

export class VirtualCommandEncoder extends Debuggable {
  readonly #refuse: Refuse;

  constructor(descriptor: GPUCommandEncoderDescriptor | undefined, refuse: Refuse) {
    super(descriptor);
    this.#refuse = refuse;
  }

  beginComputePass(descriptor?: GPUComputePassDescriptor): GPUComputePassEncoder {
    return asWebGPU(new VirtualComputePass(descriptor, this.#refuse));
  }

  beginRenderPass(descriptor?: GPURenderPassDescriptor): GPURenderPassEncoder {
    return asWebGPU(new VirtualRenderPass(descriptor));
  }

  copyBufferToBuffer(): void {}
  copyBufferToTexture(): void {}
  copyTextureToBuffer(): void {}
  copyTextureToTexture(): void {}
  clearBuffer(): void {}
  resolveQuerySet(): void {}
  writeTimestamp(): void {}

  finish(descriptor?: GPUCommandBufferDescriptor): GPUCommandBuffer {
    return asWebGPU(new Labelled(descriptor));
  }
}

export class VirtualQueue extends Labelled {
  readonly #refuse: Refuse;
  readonly #submitted = new WeakSet<object>();

  constructor(descriptor: GPUQueueDescriptor, refuse: Refuse) {
    super(descriptor);
    this.#refuse = refuse;
  }

  submit(buffers: Iterable<GPUCommandBuffer>): void {
    for (const buffer of buffers) {
      if (this.#submitted.has(buffer)) this.#refuse("A command buffer is submitted twice");
      this.#submitted.add(buffer);
    }
  }

  writeBuffer(): void {}
  writeTexture(): void {}
  copyExternalImageToTexture(): void {}
  async onSubmittedWorkDone(): Promise<void> {}
}

import { enforceRange } from "./integers.ts";
import { asWebGPU, Labelled } from "./objects.ts";

/** What all passes and encoders have: names for what follows. */
class Debuggable extends Labelled {
  pushDebugGroup(): void {}
  popDebugGroup(): void {}
  insertDebugMarker(): void {}
}

class VirtualComputePass extends Debuggable {
  setPipeline(): void {}
  setBindGroup(): void {}
  dispatchWorkgroups(x: number, y = 1, z = 1): void {
    for (const count of [x, y, z]) enforceRange(count, 32, "count of workgroups");
  }
  dispatchWorkgroupsIndirect(): void {}
  end(): void {}
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
  beginComputePass(descriptor?: GPUComputePassDescriptor): GPUComputePassEncoder {
    return asWebGPU(new VirtualComputePass(descriptor));
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
  readonly #refuse: (message: string) => void;
  readonly #submitted = new WeakSet<object>();

  /** @param refuse tells the device of a validation error. */
  constructor(descriptor: GPUQueueDescriptor, refuse: (message: string) => void) {
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

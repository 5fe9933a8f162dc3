import type { WebGpuLimits } from "@opcounter/ir/core";

/**
 * A WebGPU device that allocates and computes nothing. It answers every call of the tfjs WebGPU
 * backend as a device would. So the backend compiles its shaders, sizes its buffers and records its
 * dispatches exactly as on hardware; only the arithmetic is missing.
 *
 * Every bit that is read back from it is 1 (NaN as a float, −1 as an integer), never a zero that
 * could pass for a result.
 */

/** WebGPU's defaults of the limits that tfjs's kernels do not depend on. */
const OTHER_LIMITS: Readonly<Record<string, number>> = {
  maxTextureDimension1D: 8192,
  maxTextureDimension2D: 8192,
  maxTextureDimension3D: 2048,
  maxBindGroups: 4,
  maxBindingsPerBindGroup: 1000,
  maxUniformBuffersPerShaderStage: 12,
  minUniformBufferOffsetAlignment: 256,
  minStorageBufferOffsetAlignment: 256,
};

/** The prototype of the host's WebGPU class of this name; undefined where it has no such class. */
function hostPrototype(className: string): object | undefined {
  const hostClass: unknown = Reflect.get(globalThis, className);
  const prototype: unknown = typeof hostClass === "function" ? hostClass.prototype : undefined;
  return typeof prototype === "object" && prototype !== null ? prototype : undefined;
}

/** An object with the given members, of this WebGPU class where the host has it. */
function webgpuObject<T>(className: string, members: object): T {
  const object: object = Object.create(hostPrototype(className) ?? null);
  for (const [name, descriptor] of Object.entries(Object.getOwnPropertyDescriptors(members))) {
    Object.defineProperty(object, name, { ...descriptor, configurable: true });
  }
  // Sound: callers give every member of the class that the backend uses.
  return object as T;
}

/*
 * A pass makes these by the hundred, so each is a class: its methods are made once. Fields are the
 * object's own, so that they hide what the host's class has under their names.
 */

class VirtualBuffer {
  readonly label: string;
  readonly size: number;
  readonly usage: number;
  mapState: GPUBufferMapState;

  constructor({ label = "", size, usage, mappedAtCreation = false }: GPUBufferDescriptor) {
    this.label = label;
    this.size = size;
    this.usage = usage;
    this.mapState = mappedAtCreation ? "mapped" : "unmapped";
  }

  async mapAsync(): Promise<void> {
    this.mapState = "mapped";
  }

  getMappedRange(offset = 0, size = this.size - offset): ArrayBuffer {
    return new Uint8Array(size).fill(0xff).buffer;
  }

  unmap(): void {
    this.mapState = "unmapped";
  }

  destroy(): void {
    this.mapState = "unmapped";
  }
}

class VirtualComputePass {
  setPipeline(): void {}
  setBindGroup(): void {}
  dispatchWorkgroups(): void {}
  dispatchWorkgroupsIndirect(): void {}
  end(): void {}
}

class VirtualCommandEncoder {
  beginComputePass(): GPUComputePassEncoder {
    return asWebGPU(new VirtualComputePass());
  }

  copyBufferToBuffer(): void {}
  copyBufferToTexture(): void {}
  copyTextureToBuffer(): void {}
  copyTextureToTexture(): void {}
  clearBuffer(): void {}
  resolveQuerySet(): void {}

  finish(): GPUCommandBuffer {
    return asWebGPU(new VirtualCommandBuffer());
  }
}

class VirtualCommandBuffer {}
class VirtualBindGroup {}

const CLASSES: Readonly<Record<string, { readonly prototype: object }>> = {
  GPUBuffer: VirtualBuffer,
  GPUComputePassEncoder: VirtualComputePass,
  GPUCommandEncoder: VirtualCommandEncoder,
  GPUCommandBuffer: VirtualCommandBuffer,
  GPUBindGroup: VirtualBindGroup,
};

/** Makes objects of the virtual classes instances of the host's classes, where it has any. */
function joinHostClasses(): void {
  for (const [name, { prototype }] of Object.entries(CLASSES)) {
    Object.setPrototypeOf(prototype, hostPrototype(name) ?? Object.prototype);
  }
}

function asWebGPU<T>(object: object): T {
  // Sound: a virtual class has every member of its WebGPU class that the backend uses.
  return object as T;
}

function virtualTexture(descriptor: GPUTextureDescriptor): GPUTexture {
  const [width = 1, height = 1, depthOrArrayLayers = 1] =
    Symbol.iterator in descriptor.size
      ? [...descriptor.size]
      : [descriptor.size.width, descriptor.size.height, descriptor.size.depthOrArrayLayers];
  return webgpuObject("GPUTexture", {
    label: descriptor.label ?? "",
    width,
    height,
    depthOrArrayLayers,
    format: descriptor.format,
    usage: descriptor.usage,
    createView: () => webgpuObject("GPUTextureView", {}),
    destroy: () => undefined,
  });
}

function virtualPipeline(descriptor: GPUComputePipelineDescriptor): GPUComputePipeline {
  // tfjs asks for it at each dispatch.
  const layout = webgpuObject<GPUBindGroupLayout>("GPUBindGroupLayout", {});
  return webgpuObject("GPUComputePipeline", {
    label: descriptor.label ?? "",
    getBindGroupLayout: () => layout,
  });
}

/**
 * Makes a virtual device. It needs no adapter, and nothing has to be released. It has limits but
 * refuses nothing; the recorder notes what a device with these limits would refuse.
 */
export function createVirtualDevice(limits: WebGpuLimits): GPUDevice {
  joinHostClasses();
  const queue = webgpuObject("GPUQueue", {
    label: "",
    submit: () => undefined,
    writeBuffer: () => undefined,
    writeTexture: () => undefined,
    copyExternalImageToTexture: () => undefined,
    onSubmittedWorkDone: async () => undefined,
  });
  let lose: (why: object) => void;
  return webgpuObject("GPUDevice", {
    label: "virtual",
    limits: { ...OTHER_LIMITS, ...limits },
    features: new Set<GPUFeatureName>(),
    queue,
    lost: new Promise((resolve) => {
      lose = resolve;
    }),
    createBuffer: (descriptor: GPUBufferDescriptor) => new VirtualBuffer(descriptor),
    createTexture: virtualTexture,
    createSampler: () => webgpuObject("GPUSampler", {}),
    importExternalTexture: () => webgpuObject("GPUExternalTexture", {}),
    createBindGroupLayout: () => webgpuObject("GPUBindGroupLayout", {}),
    createPipelineLayout: () => webgpuObject("GPUPipelineLayout", {}),
    createBindGroup: () => new VirtualBindGroup(),
    createShaderModule: () => webgpuObject("GPUShaderModule", {}),
    createComputePipeline: virtualPipeline,
    createComputePipelineAsync: async (descriptor: GPUComputePipelineDescriptor) =>
      virtualPipeline(descriptor),
    createCommandEncoder: () => new VirtualCommandEncoder(),
    createQuerySet: () => webgpuObject("GPUQuerySet", { destroy: () => undefined }),
    pushErrorScope: () => undefined,
    popErrorScope: async () => null,
    addEventListener: () => undefined,
    removeEventListener: () => undefined,
    destroy: () => lose({ message: "it was closed" }),
  });
}

/** An adapter that gives a virtual device. */
export function createVirtualAdapter(limits: WebGpuLimits): GPUAdapter {
  const device = createVirtualDevice(limits);
  const info = { vendor: "", architecture: "", device: "", description: "virtual" };
  return webgpuObject("GPUAdapter", {
    features: device.features,
    limits: device.limits,
    info,
    // tfjs before 4.22 calls it.
    requestAdapterInfo: async () => info,
    requestDevice: async () => device,
  });
}

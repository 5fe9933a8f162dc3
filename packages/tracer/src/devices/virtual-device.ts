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

/** An object with the given members, of this WebGPU class where the host has it. */
function webgpuObject<T>(className: string, members: object): T {
  const hostClass: unknown = Reflect.get(globalThis, className);
  const prototype: unknown = typeof hostClass === "function" ? hostClass.prototype : null;
  const object: object = Object.create(typeof prototype === "object" ? prototype : null);
  for (const [name, descriptor] of Object.entries(Object.getOwnPropertyDescriptors(members))) {
    Object.defineProperty(object, name, { ...descriptor, configurable: true });
  }
  // Sound: callers give every member of the class that the backend uses.
  return object as T;
}

function virtualBuffer(descriptor: GPUBufferDescriptor): GPUBuffer {
  let mapState: GPUBufferMapState = descriptor.mappedAtCreation ? "mapped" : "unmapped";
  return webgpuObject("GPUBuffer", {
    label: descriptor.label ?? "",
    size: descriptor.size,
    usage: descriptor.usage,
    get mapState() {
      return mapState;
    },
    mapAsync: async () => {
      mapState = "mapped";
    },
    getMappedRange: (offset = 0, size = descriptor.size - offset) =>
      new Uint8Array(size).fill(0xff).buffer,
    unmap: () => {
      mapState = "unmapped";
    },
    destroy: () => {
      mapState = "unmapped";
    },
  });
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
  return webgpuObject("GPUComputePipeline", {
    label: descriptor.label ?? "",
    getBindGroupLayout: () => webgpuObject("GPUBindGroupLayout", {}),
  });
}

function virtualComputePass(): GPUComputePassEncoder {
  return webgpuObject("GPUComputePassEncoder", {
    setPipeline: () => undefined,
    setBindGroup: () => undefined,
    dispatchWorkgroups: () => undefined,
    dispatchWorkgroupsIndirect: () => undefined,
    end: () => undefined,
  });
}

function virtualCommandEncoder(): GPUCommandEncoder {
  return webgpuObject("GPUCommandEncoder", {
    beginComputePass: virtualComputePass,
    copyBufferToBuffer: () => undefined,
    copyBufferToTexture: () => undefined,
    copyTextureToBuffer: () => undefined,
    copyTextureToTexture: () => undefined,
    clearBuffer: () => undefined,
    resolveQuerySet: () => undefined,
    finish: () => webgpuObject("GPUCommandBuffer", {}),
  });
}

/**
 * Makes a virtual device. It needs no adapter, and nothing has to be released. It has limits but
 * refuses nothing; the recorder notes what a device with these limits would refuse.
 */
export function createVirtualDevice(limits: WebGpuLimits): GPUDevice {
  const queue = webgpuObject("GPUQueue", {
    label: "",
    submit: () => undefined,
    writeBuffer: () => undefined,
    writeTexture: () => undefined,
    copyExternalImageToTexture: () => undefined,
    onSubmittedWorkDone: async () => undefined,
  });
  return webgpuObject("GPUDevice", {
    label: "virtual",
    limits: { ...OTHER_LIMITS, ...limits },
    features: new Set<GPUFeatureName>(),
    queue,
    lost: new Promise(() => undefined),
    createBuffer: virtualBuffer,
    createTexture: virtualTexture,
    createSampler: () => webgpuObject("GPUSampler", {}),
    importExternalTexture: () => webgpuObject("GPUExternalTexture", {}),
    createBindGroupLayout: () => webgpuObject("GPUBindGroupLayout", {}),
    createPipelineLayout: () => webgpuObject("GPUPipelineLayout", {}),
    createBindGroup: () => webgpuObject("GPUBindGroup", {}),
    createShaderModule: () => webgpuObject("GPUShaderModule", {}),
    createComputePipeline: virtualPipeline,
    createComputePipelineAsync: async (descriptor: GPUComputePipelineDescriptor) =>
      virtualPipeline(descriptor),
    createCommandEncoder: virtualCommandEncoder,
    createQuerySet: () => webgpuObject("GPUQuerySet", { destroy: () => undefined }),
    pushErrorScope: () => undefined,
    popErrorScope: async () => null,
    addEventListener: () => undefined,
    removeEventListener: () => undefined,
    destroy: () => undefined,
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

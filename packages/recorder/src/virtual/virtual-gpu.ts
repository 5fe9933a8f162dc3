import { WEBGPU_DEFAULT_LIMITS, type WebGpuLimits } from "@opcounter/ir/core";
import { ADAPTER_LIMITS } from "@opcounter/tracer/webgpu";
import { asWebGPU, operationError } from "./objects.ts";
import type { Contents } from "./virtual-buffer.ts";
import { VirtualDevice } from "./virtual-device.ts";

/**
 * WebGPU without a GPU, for any program: objects that answer every call as WebGPU does, check what a
 * program can see of its mistakes, and compute nothing. What buffers hold is computed elsewhere, and
 * only where the program maps one to read it.
 */

/** Limits of an adapter or device, by their names in `GPUSupportedLimits`. */
export type Limits = Readonly<Record<string, number>>;

/**
 * The limits that every device has beside those of `WebGpuLimits`. Source: the WebGPU specification,
 * "Limits", column "Default".
 */
const OTHER_LIMITS: Limits = {
  maxTextureDimension1D: 8192,
  maxTextureDimension2D: 8192,
  maxTextureDimension3D: 2048,
  maxTextureArrayLayers: 256,
  maxBindGroups: 4,
  maxBindGroupsPlusVertexBuffers: 24,
  maxBindingsPerBindGroup: 1000,
  maxDynamicUniformBuffersPerPipelineLayout: 8,
  maxDynamicStorageBuffersPerPipelineLayout: 4,
  maxSampledTexturesPerShaderStage: 16,
  maxSamplersPerShaderStage: 16,
  maxStorageTexturesPerShaderStage: 4,
  maxUniformBuffersPerShaderStage: 12,
  minUniformBufferOffsetAlignment: 256,
  minStorageBufferOffsetAlignment: 256,
  maxVertexBuffers: 8,
  maxVertexAttributes: 16,
  maxVertexBufferArrayStride: 2048,
  maxInterStageShaderVariables: 16,
  maxColorAttachments: 8,
  maxColorAttachmentBytesPerSample: 32,
};

/** What WGSL has beside its core in every implementation of today. */
const LANGUAGE_FEATURES = [
  "readonly_and_readwrite_storage_textures",
  "packed_4x8_integer_dot_product",
  "unrestricted_pointer_parameters",
  "pointer_composite_access",
];

export interface VirtualGpuOptions {
  /** The adapter's limits; those of a desktop GPU by default. */
  readonly limits?: WebGpuLimits;
  /** What buffers hold when they are mapped for reading. */
  readonly contents: Contents;
}

/** A virtual `navigator.gpu`. */
export function createVirtualGpu(options: VirtualGpuOptions): GPU {
  return asWebGPU(new VirtualGpu(options));
}

class VirtualGpu {
  readonly wgslLanguageFeatures = new Set(LANGUAGE_FEATURES);
  readonly #options: VirtualGpuOptions;

  constructor(options: VirtualGpuOptions) {
    this.#options = options;
  }

  async requestAdapter(): Promise<GPUAdapter> {
    return asWebGPU(new VirtualAdapter(this.#options));
  }

  getPreferredCanvasFormat(): GPUTextureFormat {
    return "bgra8unorm";
  }
}

class VirtualAdapter {
  readonly features = new Set<GPUFeatureName>();
  readonly limits: Limits;
  readonly info = {
    ...{ vendor: "", architecture: "", device: "", description: "virtual" },
    ...{ isFallbackAdapter: false, subgroupMinSize: 4, subgroupMaxSize: 128 },
  };
  readonly isFallbackAdapter = false;
  readonly #contents: Contents;
  #isConsumed = false;

  constructor({ limits = ADAPTER_LIMITS, contents }: VirtualGpuOptions) {
    this.limits = { ...OTHER_LIMITS, ...limits };
    this.#contents = contents;
  }

  /** Programs of before 2024 call it. */
  async requestAdapterInfo(): Promise<VirtualAdapter["info"]> {
    return this.info;
  }

  async requestDevice(descriptor: GPUDeviceDescriptor = {}): Promise<GPUDevice> {
    for (const feature of descriptor.requiredFeatures ?? []) {
      if (this.features.has(feature)) continue;
      throw new TypeError(
        `The virtual device has no feature "${feature}". To record a program that needs it, use a GPU: opcounter record … --device gpu`,
      );
    }
    const limits = this.#limitsOf(descriptor.requiredLimits ?? {});
    // Source: the WebGPU specification, `requestDevice()`: an adapter gives one device.
    if (this.#isConsumed) {
      throw operationError("The adapter has given a device before; ask for another adapter.");
    }
    this.#isConsumed = true;
    const { label = "", defaultQueue } = descriptor;
    return asWebGPU(
      new VirtualDevice({
        label,
        queueLabel: defaultQueue?.label ?? "",
        limits,
        features: new Set(descriptor.requiredFeatures),
        adapterInfo: this.info,
        contents: this.#contents,
      }),
    );
  }

  /** Source: the WebGPU specification, `requestDevice()`: a device has what is asked for, or the default. */
  #limitsOf(required: Readonly<Record<string, number | undefined>>): Limits {
    const limits: Record<string, number> = { ...OTHER_LIMITS, ...WEBGPU_DEFAULT_LIMITS };
    for (const [name, value] of Object.entries(required)) {
      if (value === undefined) continue;
      const supported = this.limits[name];
      if (supported === undefined) throw operationError(`There is no limit "${name}".`);
      const isMinimum = name.startsWith("min");
      if (isMinimum ? value < supported : value > supported) {
        throw operationError(
          `The limit ${name} is asked to be ${value}, and the virtual adapter has ${supported}.`,
        );
      }
      const usual = limits[name] ?? value;
      limits[name] = isMinimum ? Math.min(usual, value) : Math.max(usual, value);
    }
    return limits;
  }
}

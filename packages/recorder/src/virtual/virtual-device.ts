import { checkExtensions } from "./checks.ts";
import type { VirtualError } from "./objects.ts";
import {
  asWebGPU,
  Labelled,
  operationError,
  UncapturedErrorEvent,
  VirtualInternalError,
  VirtualOutOfMemoryError,
  VirtualValidationError,
} from "./objects.ts";
import {
  layoutUsages,
  shaderUsages,
  VirtualBindGroup,
  VirtualBindGroupLayout,
} from "./virtual-bindings.ts";
import { type Contents, VirtualBuffer } from "./virtual-buffer.ts";
import {
  VirtualCommandEncoder,
  VirtualQueue,
  VirtualRenderBundleEncoder,
} from "./virtual-encoders.ts";
import type { Limits } from "./virtual-gpu.ts";

interface DeviceFacts {
  readonly label: string;
  readonly queueLabel: string;
  readonly limits: Limits;
  readonly features: ReadonlySet<GPUFeatureName>;
  readonly adapterInfo: object;
  readonly contents: Contents;
}

const ERRORS: Readonly<Record<GPUErrorFilter, new (message: string) => VirtualError>> = {
  validation: VirtualValidationError,
  "out-of-memory": VirtualOutOfMemoryError,
  internal: VirtualInternalError,
};

/** A device that allocates and computes nothing. */
export class VirtualDevice extends EventTarget {
  label: string;
  readonly limits: Limits;
  readonly features: ReadonlySet<GPUFeatureName>;
  readonly adapterInfo: object;
  readonly queue: GPUQueue;
  readonly lost: Promise<object>;
  onuncapturederror: ((event: Event) => void) | null = null;
  readonly #contents: Contents;
  readonly #scopes: { readonly filter: GPUErrorFilter; error: VirtualError | null }[] = [];
  #lose: (info: object) => void = () => undefined;

  constructor({ label, queueLabel, contents, ...facts }: DeviceFacts) {
    super();
    this.label = label;
    this.limits = facts.limits;
    this.features = facts.features;
    this.adapterInfo = facts.adapterInfo;
    this.queue = asWebGPU(
      new VirtualQueue({ label: queueLabel }, (message) => this.#refuse(message)),
    );
    this.#contents = contents;
    this.lost = new Promise((resolve) => {
      this.#lose = resolve;
    });
  }

  destroy(): void {
    this.#lose({ reason: "destroyed", message: "Device was destroyed." });
  }

  createBuffer(descriptor: GPUBufferDescriptor): GPUBuffer {
    return asWebGPU(
      new VirtualBuffer(descriptor, this.#contents, (message) => this.#refuse(message)),
    );
  }

  createTexture(descriptor: GPUTextureDescriptor): GPUTexture {
    return asWebGPU(new VirtualTexture(descriptor));
  }

  createSampler(descriptor?: GPUSamplerDescriptor): GPUSampler {
    return asWebGPU(new Labelled(descriptor));
  }

  importExternalTexture(descriptor: GPUExternalTextureDescriptor): GPUExternalTexture {
    return asWebGPU(new Labelled(descriptor));
  }

  createBindGroupLayout(descriptor: GPUBindGroupLayoutDescriptor): GPUBindGroupLayout {
    return asWebGPU(new VirtualBindGroupLayout(descriptor, layoutUsages(descriptor)));
  }

  createPipelineLayout(descriptor: GPUPipelineLayoutDescriptor): GPUPipelineLayout {
    return asWebGPU(new Labelled(descriptor));
  }

  createBindGroup(descriptor: GPUBindGroupDescriptor): GPUBindGroup {
    return asWebGPU(
      new VirtualBindGroup(descriptor, this.limits, (message) => this.#refuse(message)),
    );
  }

  createShaderModule(descriptor: GPUShaderModuleDescriptor): GPUShaderModule {
    checkExtensions(descriptor.code, this.features, (message) => this.#refuse(message));
    return asWebGPU(new VirtualShaderModule(descriptor));
  }

  createComputePipeline(descriptor: GPUComputePipelineDescriptor): GPUComputePipeline {
    return asWebGPU(new VirtualPipeline(descriptor));
  }

  async createComputePipelineAsync(
    descriptor: GPUComputePipelineDescriptor,
  ): Promise<GPUComputePipeline> {
    return asWebGPU(new VirtualPipeline(descriptor));
  }

  createRenderPipeline(descriptor: GPURenderPipelineDescriptor): GPURenderPipeline {
    return asWebGPU(new VirtualPipeline(descriptor));
  }

  async createRenderPipelineAsync(
    descriptor: GPURenderPipelineDescriptor,
  ): Promise<GPURenderPipeline> {
    return asWebGPU(new VirtualPipeline(descriptor));
  }

  createCommandEncoder(descriptor?: GPUCommandEncoderDescriptor): GPUCommandEncoder {
    return asWebGPU(new VirtualCommandEncoder(descriptor, (message) => this.#refuse(message)));
  }

  createRenderBundleEncoder(descriptor: GPURenderBundleEncoderDescriptor): GPURenderBundleEncoder {
    return asWebGPU(new VirtualRenderBundleEncoder(descriptor));
  }

  createQuerySet(descriptor: GPUQuerySetDescriptor): GPUQuerySet {
    return asWebGPU(new VirtualQuerySet(descriptor));
  }

  pushErrorScope(filter: GPUErrorFilter): void {
    this.#scopes.push({ filter, error: null });
  }

  async popErrorScope(): Promise<VirtualError | null> {
    const scope = this.#scopes.pop();
    if (scope === undefined) throw operationError("There is no error scope to pop.");
    return scope.error;
  }

  /** Tells the innermost scope for such errors, else the listeners. */
  #refuse(message: string, kind: GPUErrorFilter = "validation"): void {
    const error = new ERRORS[kind](message);
    const scope = this.#scopes.findLast(({ filter }) => filter === kind);
    if (scope !== undefined) {
      scope.error ??= error;
      return;
    }
    const event = new UncapturedErrorEvent(error);
    this.onuncapturederror?.(event);
    this.dispatchEvent(event);
  }
}

class VirtualShaderModule extends Labelled {
  readonly code: string;

  constructor(descriptor: GPUShaderModuleDescriptor) {
    super(descriptor);
    this.code = descriptor.code;
  }

  async getCompilationInfo(): Promise<{ readonly messages: readonly object[] }> {
    return { messages: [] };
  }
}

class VirtualPipeline extends Labelled {
  readonly #code: string;
  readonly #layouts = new Map<number, VirtualBindGroupLayout>();

  constructor(descriptor: GPUComputePipelineDescriptor | GPURenderPipelineDescriptor) {
    super(descriptor);
    const module: unknown = "compute" in descriptor ? descriptor.compute.module : undefined;
    this.#code = module instanceof VirtualShaderModule ? module.code : "";
  }

  getBindGroupLayout(index: number): GPUBindGroupLayout {
    let layout = this.#layouts.get(index);
    if (layout === undefined) {
      layout = new VirtualBindGroupLayout({}, shaderUsages(this.#code, index));
      this.#layouts.set(index, layout);
    }
    return asWebGPU(layout);
  }
}

class VirtualTexture extends Labelled {
  readonly width: number;
  readonly height: number;
  readonly depthOrArrayLayers: number;
  readonly mipLevelCount: number;
  readonly sampleCount: number;
  readonly dimension: GPUTextureDimension;
  readonly format: GPUTextureFormat;
  readonly usage: number;

  constructor(descriptor: GPUTextureDescriptor) {
    super(descriptor);
    const {
      size,
      mipLevelCount = 1,
      sampleCount = 1,
      dimension = "2d",
      format,
      usage,
    } = descriptor;
    const [width = 1, height = 1, depthOrArrayLayers = 1] =
      Symbol.iterator in size ? [...size] : [size.width, size.height, size.depthOrArrayLayers];
    this.width = width;
    this.height = height;
    this.depthOrArrayLayers = depthOrArrayLayers;
    this.mipLevelCount = mipLevelCount;
    this.sampleCount = sampleCount;
    this.dimension = dimension;
    this.format = format;
    this.usage = usage;
  }

  createView(descriptor?: GPUTextureViewDescriptor): GPUTextureView {
    return asWebGPU(new Labelled(descriptor));
  }

  destroy(): void {}
}

class VirtualQuerySet extends Labelled {
  readonly type: GPUQueryType;
  readonly count: number;

  constructor(descriptor: GPUQuerySetDescriptor) {
    super(descriptor);
    this.type = descriptor.type;
    this.count = descriptor.count;
  }

  destroy(): void {}
}

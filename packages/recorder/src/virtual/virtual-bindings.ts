import { declaredBuffers } from "../graph/shader.ts";
import { checkUsage, nameOfBuffer } from "./checks.ts";
import { Labelled, type Refuse } from "./objects.ts";
import { VirtualBuffer } from "./virtual-buffer.ts";
import type { Limits } from "./virtual-gpu.ts";

/** What a buffer is bound as, by binding. */
type Usages = ReadonlyMap<number, "STORAGE" | "UNIFORM">;

/** What the program says of its layout. */
export function layoutUsages({ entries }: GPUBindGroupLayoutDescriptor): Usages {
  return new Map(
    [...entries].flatMap(({ binding, buffer }) => {
      if (buffer === undefined) return [];
      const isUniform = (buffer.type ?? "uniform") === "uniform";
      return [[binding, isUniform ? "UNIFORM" : "STORAGE"] as const];
    }),
  );
}

/** What a shader declares, for the layout of a group that WebGPU makes of it. */
export function shaderUsages(code: string, group: number): Usages {
  return new Map(
    declaredBuffers(code)
      .filter((each) => each.group === group)
      .map(({ binding, isUniform }) => [binding, isUniform ? "UNIFORM" : "STORAGE"] as const),
  );
}

export class VirtualBindGroupLayout extends Labelled {
  constructor(
    descriptor: { readonly label?: string | undefined },
    readonly usages: Usages,
  ) {
    super(descriptor);
  }
}

/** Source of what it refuses: WebGPU, `createBindGroup()`. */
export class VirtualBindGroup extends Labelled {
  readonly buffers: readonly GPUBuffer[];

  constructor(descriptor: GPUBindGroupDescriptor, limits: Limits, refuse: Refuse) {
    super(descriptor);
    const layout: unknown = descriptor.layout;
    const usages: Usages = layout instanceof VirtualBindGroupLayout ? layout.usages : new Map();
    this.buffers = [...descriptor.entries].flatMap(({ binding, resource }) => {
      const bound = boundBuffer(resource);
      if (bound === undefined) return [];
      const usage = usages.get(binding);
      if (usage !== undefined) {
        checkUsage(bound.buffer, usage, `to be bound as ${usage.toLowerCase()}`, refuse);
        checkOffset(bound, limits[ALIGNMENTS[usage]] ?? 1, refuse);
      }
      return [bound.buffer];
    });
  }
}

const ALIGNMENTS = {
  STORAGE: "minStorageBufferOffsetAlignment",
  UNIFORM: "minUniformBufferOffsetAlignment",
} as const;

/** A binding is a buffer, a part of one, or a texture or sampler. */
function boundBuffer(resource: GPUBindingResource): GPUBufferBinding | undefined {
  if ("buffer" in resource) return resource;
  return isBuffer(resource) ? { buffer: resource } : undefined;
}

function isBuffer(resource: object): resource is GPUBuffer {
  return resource instanceof VirtualBuffer;
}

function checkOffset(
  { buffer, offset = 0 }: GPUBufferBinding,
  alignment: number,
  refuse: Refuse,
): void {
  if (offset % alignment === 0) return;
  refuse(`${nameOfBuffer(buffer)} is bound from byte ${offset}, no multiple of ${alignment}`);
}

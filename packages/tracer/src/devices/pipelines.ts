import { type Extent, shaderHash } from "@opcounter/ir/core";
import { own } from "../patches/patch.ts";

/** What a compute pipeline was compiled from. */
export interface CompiledProgram {
  readonly program: string;
  /** The WGSL source, and the hash that names it. */
  readonly source: string;
  readonly shader: string;
  /** Undefined where the source gives it by names instead of numbers. */
  readonly workgroupSize: Extent | undefined;
}

const sources = new WeakMap<GPUShaderModule, string>();
const programs = new WeakMap<GPUComputePipeline, CompiledProgram>();

/** What a pipeline was compiled from; undefined where it was compiled before anybody watched. */
export function compiledProgram(pipeline: GPUComputePipeline): CompiledProgram | undefined {
  return programs.get(pipeline);
}

/**
 * Keeps what each pipeline of a device is compiled from. Returns what ends that.
 *
 * @param onCompile called with each pipeline as it is compiled.
 */
export function watchPipelines(
  device: GPUDevice,
  onCompile: (program: CompiledProgram) => void,
): (() => void)[] {
  const { createShaderModule, createComputePipeline, createComputePipelineAsync } = device;
  const keep = (pipeline: GPUComputePipeline, { compute, label }: GPUComputePipelineDescriptor) => {
    const source = sources.get(compute.module);
    if (source === undefined) return pipeline;
    const program = {
      program: label ?? "",
      source,
      shader: shaderHash(source),
      workgroupSize: workgroupSize(source),
    };
    programs.set(pipeline, program);
    onCompile(program);
    return pipeline;
  };
  return [
    own(device, "createShaderModule", (descriptor: GPUShaderModuleDescriptor) => {
      const module = createShaderModule.call(device, descriptor);
      sources.set(module, descriptor.code);
      return module;
    }),
    own(device, "createComputePipeline", (descriptor: GPUComputePipelineDescriptor) =>
      keep(createComputePipeline.call(device, descriptor), descriptor),
    ),
    own(device, "createComputePipelineAsync", async (descriptor: GPUComputePipelineDescriptor) =>
      keep(await createComputePipelineAsync.call(device, descriptor), descriptor),
    ),
  ];
}

/** The size in the shader's `@workgroup_size` attribute; dimensions that are left out are 1. */
function workgroupSize(source: string): Extent | undefined {
  const [, list] = /@workgroup_size\(([^)]*)\)/.exec(source) ?? [];
  const sizes = list
    ?.split(",")
    .map((size) => size.trim())
    .filter((size) => size !== "");
  if (!sizes?.every((size) => /^\d+[iu]?$/.test(size))) return undefined;
  const [x = 1, y = 1, z = 1] = sizes.map((size) => Number.parseInt(size, 10));
  return [x, y, z];
}

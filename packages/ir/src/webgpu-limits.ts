/**
 * The limits that every WebGPU device guarantees, named as in `GPUSupportedLimits`. Only those that
 * compute needs. Source: the WebGPU specification, "Limits", column "Default".
 */
export const WEBGPU_DEFAULT_LIMITS = {
  maxBufferSize: 268_435_456,
  maxStorageBufferBindingSize: 134_217_728,
  maxUniformBufferBindingSize: 65_536,
  maxStorageBuffersPerShaderStage: 8,
  maxComputeWorkgroupStorageSize: 16_384,
  maxComputeInvocationsPerWorkgroup: 256,
  maxComputeWorkgroupSizeX: 256,
  maxComputeWorkgroupSizeY: 256,
  maxComputeWorkgroupSizeZ: 64,
  maxComputeWorkgroupsPerDimension: 65_535,
} as const;

export type WebGpuLimit = keyof typeof WEBGPU_DEFAULT_LIMITS;
export type WebGpuLimits = Readonly<Record<WebGpuLimit, number>>;

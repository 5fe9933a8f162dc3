import { OpcounterError } from "@opcounter/ir/core";
import { isSoftware, NEEDS_NONE, openGpu } from "./adapters.ts";

/** The adapter that tfjs asks for. */
const PREFERENCE: GPURequestAdapterOptions = { powerPreference: "high-performance" };

/** That adapter, of the page that runs this. */
export function pageAdapter(): Promise<GPUAdapter | null> | undefined {
  return globalThis.navigator?.gpu?.requestAdapter(PREFERENCE);
}

/**
 * Asks for an adapter.
 *
 * @throws OpcounterError "device-unavailable" where none answers, or it is not of the kind.
 */
export async function requestAdapter(name: "gpu" | "software"): Promise<GPUAdapter> {
  const hostGpu = globalThis.navigator?.gpu;
  const gpu = await openGpu(name);
  const adapter = await gpu.requestAdapter({
    ...PREFERENCE,
    ...(name === "software" && hostGpu !== undefined ? { forceFallbackAdapter: true } : {}),
  });
  if (adapter === null) {
    throw new OpcounterError(
      "device-unavailable",
      `No WebGPU adapter answers for device "${name}"`,
      { remedy: NEEDS_NONE },
    );
  }
  if (name === "software" && !isSoftware(adapter.info)) {
    throw new OpcounterError(
      "device-unavailable",
      `Device "software" was asked for, but the adapter is ${adapter.info.device || "hardware"}`,
      { remedy: 'use { device: "gpu" }' },
    );
  }
  return adapter;
}

/** Asks for a device as tfjs does: with the adapter's limits, and timestamps if it has them. */
export async function requestDevice(adapter: GPUAdapter): Promise<GPUDevice> {
  const { limits } = adapter;
  return adapter.requestDevice({
    requiredFeatures: adapter.features.has("timestamp-query") ? ["timestamp-query"] : [],
    requiredLimits: {
      maxComputeWorkgroupStorageSize: limits.maxComputeWorkgroupStorageSize,
      maxComputeWorkgroupsPerDimension: limits.maxComputeWorkgroupsPerDimension,
      maxStorageBufferBindingSize: limits.maxStorageBufferBindingSize,
      maxBufferSize: limits.maxBufferSize,
      maxComputeWorkgroupSizeX: limits.maxComputeWorkgroupSizeX,
      maxComputeInvocationsPerWorkgroup: limits.maxComputeInvocationsPerWorkgroup,
    },
  });
}

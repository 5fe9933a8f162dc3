import { host } from "#host";

/** WebGPU itself: the page's, or Dawn's in Node. */
export async function openGpu(name: "gpu" | "software"): Promise<GPU> {
  return globalThis.navigator?.gpu ?? (await host.openGpu(name));
}

/** The name and description of an adapter in reports. */
export function labelOfAdapter(info: GPUAdapterInfo): {
  readonly name: "gpu" | "software";
  readonly description: string;
} {
  const parts = [info.vendor, info.architecture, info.device].filter((part) => part !== "");
  return { name: isSoftware(info) ? "software" : "gpu", description: parts.join(" ") };
}

export function isSoftware(info: GPUAdapterInfo): boolean {
  return (
    info.isFallbackAdapter ||
    /swiftshader|llvmpipe|software/i.test(`${info.architecture} ${info.device} ${info.description}`)
  );
}

/** What to do about a GPU that is not to be had. */
export const NEEDS_NONE = 'use { device: "virtual" }, which needs none';

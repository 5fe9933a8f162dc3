import {
  type Extent,
  OpcounterError,
  repeatedName,
  WEBGPU_DEFAULT_LIMITS,
  type WebGpuLimits,
} from "@opcounter/ir/core";

/** A limit that something goes past, and by what a real device would refuse it. */
export interface Refusal {
  readonly limit: keyof WebGpuLimits;
  readonly value: number;
  readonly allowed: number;
}

/**
 * What the virtual device has by default: the limits that tfjs asks its adapter for as a desktop GPU
 * has them, and of buffers more than any; the others are WebGPU's defaults, as on every device of
 * tfjs's, which decide what it dispatches (how many tensors one concatenation takes, say).
 */
export const ADAPTER_LIMITS: WebGpuLimits = {
  ...WEBGPU_DEFAULT_LIMITS,
  maxBufferSize: Number.MAX_SAFE_INTEGER,
  maxStorageBufferBindingSize: 4_294_967_292,
  maxComputeWorkgroupStorageSize: 32_768,
  maxComputeInvocationsPerWorkgroup: 1024,
  maxComputeWorkgroupSizeX: 1024,
  maxComputeWorkgroupsPerDimension: 65_535,
};

const UNITS: Readonly<Record<string, number>> = { "": 1, KIB: 2 ** 10, MIB: 2 ** 20, GIB: 2 ** 30 };

/**
 * Limits for the virtual device from a text: `adapter`, those of a generous adapter; `default`,
 * those every WebGPU device has; `maxBufferSize=512MiB,maxComputeWorkgroupSizeX=256`, the adapter's
 * but for these.
 *
 * @throws OpcounterError where it is none of that.
 */
export function parseLimits(text: string): WebGpuLimits {
  if (text === "adapter") return ADAPTER_LIMITS;
  if (text === "default") return WEBGPU_DEFAULT_LIMITS;
  const given = text.split(",").map((part): [string, number] => {
    const [, name = "", digits = "", unit = ""] = /^(\w+)=(\d+) *(\w*)$/.exec(part.trim()) ?? [];
    const factor = UNITS[unit.toUpperCase()];
    if (!Object.hasOwn(ADAPTER_LIMITS, name) || factor === undefined) {
      const names = Object.keys(ADAPTER_LIMITS).join(", ");
      throw new OpcounterError(
        "option-invalid",
        `The limits "${text}" cannot be read at "${part}"`,
        {
          remedy: `write default, adapter, or such as maxBufferSize=256MiB. There are ${names}`,
        },
      );
    }
    if (Number(digits) === 0) {
      throw new OpcounterError("option-invalid", `The limit ${name} is 0 in "${text}"`, {
        remedy: "no device has less than 1 of it",
      });
    }
    return [name, Number(digits) * factor];
  });
  const twice = repeatedName(given.map(([name]) => name));
  if (twice !== undefined) {
    throw new OpcounterError("option-invalid", `The limit ${twice} is given twice in "${text}"`, {
      remedy: "give it once",
    });
  }
  return { ...ADAPTER_LIMITS, ...Object.fromEntries(given) };
}

/** What a device with these limits refuses of a buffer of this size. */
export function refusedBuffer(limits: WebGpuLimits, bytes: number): Refusal[] {
  return past(limits, { maxBufferSize: bytes });
}

/** What it refuses of a group of buffers, each bound whole. */
export function refusedBindings(
  limits: WebGpuLimits,
  {
    storage,
    uniform,
  }: { readonly storage: readonly number[]; readonly uniform: readonly number[] },
): Refusal[] {
  return past(limits, {
    maxStorageBufferBindingSize: Math.max(0, ...storage),
    maxUniformBufferBindingSize: Math.max(0, ...uniform),
    maxStorageBuffersPerShaderStage: storage.length,
  });
}

/** What it refuses of a dispatch. */
export function refusedDispatch(
  limits: WebGpuLimits,
  workgroups: Extent,
  [x, y, z]: Extent,
): Refusal[] {
  return past(limits, {
    maxComputeWorkgroupsPerDimension: Math.max(...workgroups),
    maxComputeInvocationsPerWorkgroup: x * y * z,
    maxComputeWorkgroupSizeX: x,
    maxComputeWorkgroupSizeY: y,
    maxComputeWorkgroupSizeZ: z,
  });
}

function past(limits: WebGpuLimits, values: Partial<WebGpuLimits>): Refusal[] {
  return Object.entries(values).flatMap(([name, value]) => {
    // Sound: the values are named by limits.
    const limit = name as keyof WebGpuLimits;
    const allowed = limits[limit];
    return value > allowed ? [{ limit, value, allowed }] : [];
  });
}

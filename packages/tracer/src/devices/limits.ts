import {
  type Extent,
  OpcounterError,
  repeatedName,
  WEBGPU_DEFAULT_LIMITS,
  type WebGpuLimits,
} from "@opcounter/ir/core";

/** A limit that a value exceeds, so that a real device would refuse it. */
export interface Refusal {
  readonly limit: keyof WebGpuLimits;
  readonly value: number;
  readonly allowed: number;
}

/**
 * The default limits of the virtual device. Those that tfjs asks its adapter for are a desktop
 * GPU's, except that buffers may have any size. The others are WebGPU's defaults, as on every
 * device that tfjs opens. They decide what tfjs dispatches (how many tensors one concatenation
 * takes, say).
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
 * Reads limits for the virtual device: `adapter` for `ADAPTER_LIMITS`; `default` for those that
 * every WebGPU device has; `maxBufferSize=512MiB,maxComputeWorkgroupSizeX=256` for `ADAPTER_LIMITS`
 * with these changes.
 *
 * @throws OpcounterError "option-invalid" where the string is none of these.
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
          remedy: `write default, adapter, or limits such as maxBufferSize=256MiB. There are ${names}`,
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

/** Told of each limit that is exceeded: a pass has thousands of checks, and none has a list. */
type OnRefusal = (refusal: Refusal) => void;

/** Tells of the limits that a buffer of this size exceeds. */
export function checkBuffer(limits: WebGpuLimits, bytes: number, onRefusal: OnRefusal): void {
  check(limits, "maxBufferSize", bytes, onRefusal);
}

/** The buffers of a bind group, in bytes; each is bound whole. */
export interface BoundSizes {
  readonly largestStorage: number;
  readonly storageBuffers: number;
  readonly uniform: number;
}

/** Tells of the limits that a bind group exceeds. */
export function checkBindings(
  limits: WebGpuLimits,
  { largestStorage, storageBuffers, uniform }: BoundSizes,
  onRefusal: OnRefusal,
): void {
  check(limits, "maxStorageBufferBindingSize", largestStorage, onRefusal);
  check(limits, "maxUniformBufferBindingSize", uniform, onRefusal);
  check(limits, "maxStorageBuffersPerShaderStage", storageBuffers, onRefusal);
}

/** Tells of the limits that a dispatch exceeds. */
export function checkDispatch(
  limits: WebGpuLimits,
  workgroups: Extent,
  [x, y, z]: Extent,
  onRefusal: OnRefusal,
): void {
  check(limits, "maxComputeWorkgroupsPerDimension", Math.max(...workgroups), onRefusal);
  check(limits, "maxComputeInvocationsPerWorkgroup", x * y * z, onRefusal);
  check(limits, "maxComputeWorkgroupSizeX", x, onRefusal);
  check(limits, "maxComputeWorkgroupSizeY", y, onRefusal);
  check(limits, "maxComputeWorkgroupSizeZ", z, onRefusal);
}

function check(
  limits: WebGpuLimits,
  limit: keyof WebGpuLimits,
  value: number,
  onRefusal: OnRefusal,
): void {
  const allowed = limits[limit];
  if (value > allowed) onRefusal({ limit, value, allowed });
}

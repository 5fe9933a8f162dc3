import type { Attribute, Attributes } from "./graph.ts";

/** Counts along the three dimensions of a WebGPU dispatch. */
export type Extent = readonly [x: number, y: number, z: number];

/** The time of a dispatch, measured by timestamp queries over several runs, in nanoseconds. */
export interface GpuTime {
  /** The median; null where the clock of the device is too coarse to measure it. */
  readonly ns: number | null;
  /** The spread: the lower and the upper quartile, or what a coarse clock leaves open. */
  readonly low: number;
  readonly high: number;
  readonly runs: number;
}

/** One compute dispatch that an op recorded on the device. */
export interface Dispatch {
  /** The WebGPU program, as the backend names it. */
  readonly program: string;
  /** How many workgroups were dispatched. */
  readonly workgroups: Extent;
  /**
   * Invocations per workgroup. This and the next fields are absent where they were not recorded.
   */
  readonly workgroupSize?: Extent;
  /** The WGSL source that was compiled, by its hash; see `shaderHash`. */
  readonly shader?: string;
  /** The function of the shader that is run; absent where the shader has one entry point. */
  readonly entryPoint?: string;
  /** Values of the shader's `override` declarations; absent where the pipeline gives none. */
  readonly constants?: Readonly<Record<string, number>>;
  /** Bytes of the bound buffers, in order of binding: the result, the operands, the uniforms. */
  readonly buffers?: readonly number[];
  /** The uniform buffer's 32-bit words, as signed integers. */
  readonly uniforms?: readonly number[];
  readonly gpuTime?: GpuTime;
}

/**
 * The number of shader invocations of a dispatch; undefined where its workgroup size is unknown.
 */
export function invocationsOf({ workgroups, workgroupSize }: Dispatch): number | undefined {
  return workgroupSize === undefined ? undefined : volume(workgroups) * volume(workgroupSize);
}

function volume(extent: Extent): number {
  return extent[0] * extent[1] * extent[2];
}

/** The hash that identifies a WGSL source: FNV-1a of its UTF-16 units, 64 bits in hexadecimal. */
export function shaderHash(source: string): string {
  // 64 bits as four digits of 16, so that each product stays exact; the prime is 2^40 + 0x1b3.
  let d0 = 0x2325;
  let d1 = 0x8422;
  let d2 = 0x9ce4;
  let d3 = 0xcbf2;
  for (let i = 0; i < source.length; i++) {
    const unit = source.charCodeAt(i);
    const low = (d0 ^ unit) & 0xffff;
    const p0 = low * 0x1b3;
    const p1 = d1 * 0x1b3 + (p0 >>> 16);
    const p2 = d2 * 0x1b3 + (p1 >>> 16) + ((low << 8) & 0xffff);
    const p3 = d3 * 0x1b3 + (p2 >>> 16) + ((d1 << 8) & 0xffff) + (low >>> 8);
    // One by one: until V8 has optimized the loop, each list would be made and iterated over.
    d0 = p0 & 0xffff;
    d1 = p1 & 0xffff;
    d2 = p2 & 0xffff;
    d3 = p3 & 0xffff;
  }
  return [d3, d2, d1, d0].map((digit) => digit.toString(16).padStart(4, "0")).join("");
}

/**
 * What is known about a dispatch besides its program and workgroups, as the text form writes it.
 */
export function dispatchFacts(dispatch: Dispatch): Attributes {
  const { program, workgroups, gpuTime, constants, ...facts } = dispatch;
  return {
    ...facts,
    ...(constants === undefined ? {} : { constants: { ...constants } }),
    ...(gpuTime === undefined ? {} : { gpuTime: { ...gpuTime } }),
  };
}

/** The inverse of `dispatchFacts`; undefined where the attributes have another form. */
export function readDispatchFacts(
  facts: Attributes,
): Omit<Dispatch, "program" | "workgroups"> | undefined {
  const { workgroupSize, shader, entryPoint, constants, buffers, uniforms, gpuTime, ...rest } =
    facts;
  const time = gpuTime === undefined ? undefined : readTime(gpuTime);
  const fits =
    Object.keys(rest).length === 0 &&
    (workgroupSize === undefined || isExtent(workgroupSize)) &&
    (shader === undefined || typeof shader === "string") &&
    (entryPoint === undefined || typeof entryPoint === "string") &&
    (constants === undefined || isNumbers(constants)) &&
    (buffers === undefined || isIntegers(buffers)) &&
    (uniforms === undefined || isIntegers(uniforms)) &&
    (gpuTime === undefined || time !== undefined);
  if (!fits) return undefined;
  return {
    ...(isExtent(workgroupSize) ? { workgroupSize } : {}),
    ...(typeof shader === "string" ? { shader } : {}),
    ...(typeof entryPoint === "string" ? { entryPoint } : {}),
    ...(isNumbers(constants) ? { constants } : {}),
    ...(isIntegers(buffers) ? { buffers } : {}),
    ...(isIntegers(uniforms) ? { uniforms } : {}),
    ...(time === undefined ? {} : { gpuTime: time }),
  };
}

function readTime(value: Attribute): GpuTime | undefined {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
  const { ns, low, high, runs } = value as Attributes;
  const isTime = (ns === null || typeof ns === "number") && typeof low === "number";
  if (!isTime || typeof high !== "number" || typeof runs !== "number") return undefined;
  return { ns, low, high, runs };
}

function isNumbers(value: Attribute | undefined): value is Readonly<Record<string, number>> {
  const isRecord = typeof value === "object" && value !== null && !Array.isArray(value);
  return isRecord && Object.values(value).every((item) => typeof item === "number");
}

function isIntegers(value: Attribute | undefined): value is readonly number[] {
  return Array.isArray(value) && value.every((item) => Number.isSafeInteger(item));
}

function isExtent(value: Attribute | undefined): value is Extent {
  return isIntegers(value) && value.length === 3;
}

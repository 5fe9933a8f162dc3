import type { Refuse } from "./objects.ts";

/** What a command needs a buffer to be made for; see `GPUBufferUsage`. */
export type Usage = "COPY_SRC" | "COPY_DST" | "INDIRECT" | "QUERY_RESOLVE" | "STORAGE" | "UNIFORM";

/** A buffer in a message. */
export function nameOfBuffer({ label }: Pick<GPUBuffer, "label">): string {
  return label === "" ? "A buffer" : `The buffer "${label}"`;
}

/**
 * Refuses a buffer that was not made for this.
 *
 * @param what is done with it: `to be copied from`.
 */
export function checkUsage(buffer: GPUBuffer, usage: Usage, what: string, refuse: Refuse): void {
  if ((buffer.usage & GPUBufferUsage[usage]) !== 0) return;
  refuse(`${nameOfBuffer(buffer)} lacks the usage ${usage} ${what}`);
}

/** Refuses offsets and sizes in bytes that are no multiples of 4, once they are integers. */
export function checkWords(bytes: readonly unknown[], what: string, refuse: Refuse): void {
  const odd = bytes.find((each) => typeof each === "number" && Math.trunc(each) % 4 !== 0);
  if (odd !== undefined) refuse(`${what} has ${odd} bytes as offset or size, no multiple of 4`);
}

const EXTENSIONS: Readonly<Record<string, GPUFeatureName>> = {
  f16: "shader-f16",
  subgroups: "subgroups",
  clip_distances: "clip-distances",
  dual_source_blending: "dual-source-blending",
};

/** Refuses a shader that enables what its device was not asked for. Source: WGSL, "Enable Extensions". */
export function checkExtensions(
  code: string,
  features: ReadonlySet<GPUFeatureName>,
  refuse: Refuse,
): void {
  for (const [, names = ""] of withoutComments(code).matchAll(/(?:^|;)\s*enable\s+([^;]+);/g)) {
    for (const name of names.split(",").map((each) => each.trim())) {
      const feature = EXTENSIONS[name];
      if (feature === undefined || features.has(feature)) continue;
      refuse(`A shader enables ${name}, and its device lacks the feature "${feature}"`);
    }
  }
}

/** The source with a space in place of each comment. */
function withoutComments(code: string): string {
  return code.replace(/\/\/[^\n]*|\/\*[\s\S]*?\*\//g, " ");
}

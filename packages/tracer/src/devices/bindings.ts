import { elementAt } from "@opcounter/ir/core";
import { useOf } from "./buffer-ledger.ts";
import type { BoundSizes } from "./limits.ts";

/** What a bind group binds. */
export interface Bindings extends BoundSizes {
  /** Bytes of the buffers, in order of binding; 0 for a texture or a sampler. */
  readonly buffers: readonly number[];
  readonly uniforms: GPUBuffer | undefined;
}

export function bindingsOf({ entries }: GPUBindGroupDescriptor): Bindings {
  const buffers: number[] = [];
  let uniforms: GPUBuffer | undefined;
  let [largestStorage, storageBuffers] = [0, 0];
  for (const { resource } of entries) {
    const buffer = "buffer" in resource ? resource.buffer : undefined;
    buffers.push(buffer?.size ?? 0);
    if (buffer === undefined) continue;
    if (uniforms === undefined && useOf(buffer.usage) === "uniform") {
      uniforms = buffer;
    } else {
      largestStorage = Math.max(largestStorage, buffer.size);
      storageBuffers++;
    }
  }
  return { buffers, uniforms, largestStorage, storageBuffers, uniform: uniforms?.size ?? 0 };
}

/** The 32-bit words among the bytes that are written to a uniform buffer. */
export function words(data: GPUAllowSharedBufferSource, offset: number, size?: number): number[] {
  const buffer = "buffer" in data ? data.buffer : data;
  const start = ("byteOffset" in data ? data.byteOffset : 0) + offset;
  const view = new Int32Array(buffer, start, (size ?? data.byteLength - offset) >> 2);
  const list: number[] = [];
  // A few words: the loop is several times as fast as Array.from.
  for (let i = 0; i < view.length; i++) list.push(elementAt(view, i));
  return list;
}

import type { WebGPUBackend } from "@tensorflow/tfjs-backend-webgpu";
import type { DataId } from "../tfjs/engine.ts";

/**
 * Destroys the free buffers that the backend keeps for reuse, so that a pass makes its own whatever
 * ran before. What they held is lost anyway.
 */
export function emptyPool({ bufferManager }: WebGPUBackend): void {
  for (const buffers of poolOf(bufferManager)?.values() ?? []) {
    const free = buffers.splice(0);
    for (const buffer of free) {
      bufferManager.numBytesAllocated -= buffer.size;
      buffer.destroy();
    }
    const left = bufferManager.getNumFreeBuffers() - free.length;
    Reflect.set(bufferManager, "numFreeBuffers", left);
  }
}

/** Whether the backend keeps a free buffer that it would take instead of making this one. */
export function hasFree({ bufferManager }: WebGPUBackend, { size, usage }: GPUBuffer): boolean {
  if (bufferManager.getNumFreeBuffers() === 0) return false;
  const pool = poolOf(bufferManager);
  // tfjs's key. A pool that knows no such key for a buffer in use has keys of another kind.
  const free = pool?.get(`${size}_${usage}`);
  return free === undefined || free.length > 0;
}

/** The free buffers that the backend keeps, by what they fit. */
function poolOf(manager: WebGPUBackend["bufferManager"]): Map<unknown, GPUBuffer[]> | undefined {
  const pool: unknown = Reflect.get(manager, "freeBuffers");
  return pool instanceof Map ? pool : undefined;
}

/**
 * Frees the buffer that an earlier pass left of data whose values the host has too. A pass uploads
 * them again when it uses them, whatever ran before.
 */
export function evict(backend: WebGPUBackend, dataId: DataId): void {
  if (!backend.tensorMap.has(dataId)) return;
  const data = backend.tensorMap.get(dataId);
  const { values, resource, external } = data;
  if (values == null || external || !(resource instanceof GPUBuffer)) return;
  backend.bufferManager.releaseBuffer(resource, false);
  Object.assign(data, { resource: null });
}

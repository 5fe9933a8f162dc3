import type { WebGPUBackend } from "@tensorflow/tfjs-backend-webgpu";
import type { DataId } from "../tfjs/engine.ts";
import type { Device } from "./device.ts";

/**
 * Destroys the free buffers that the backend keeps for reuse, so that a pass makes its own whatever
 * ran before. What they held is lost anyway.
 */
export function emptyPool({ bufferManager }: WebGPUBackend): void {
  const pool: unknown = Reflect.get(bufferManager, "freeBuffers");
  if (!(pool instanceof Map)) return;
  for (const buffers of pool.values()) {
    const free: readonly GPUBuffer[] = buffers.splice(0);
    for (const buffer of free) {
      bufferManager.numBytesAllocated -= buffer.size;
      buffer.destroy();
    }
    const left = bufferManager.getNumFreeBuffers() - free.length;
    Reflect.set(bufferManager, "numFreeBuffers", left);
  }
}

/**
 * Frees the buffer that an earlier pass left of data whose values the host has too. A pass uploads
 * them again when it uses them, whatever ran before.
 */
export function evict({ backend, recorder }: Device, dataId: DataId): void {
  if (!backend.tensorMap.has(dataId)) return;
  const data = backend.tensorMap.get(dataId);
  const { values, resource, external } = data;
  if (values == null || external || !(resource instanceof GPUBuffer)) return;
  if (recorder.ledger.serialOf(resource) !== undefined) return;
  backend.bufferManager.releaseBuffer(resource, false);
  Object.assign(data, { resource: null });
}

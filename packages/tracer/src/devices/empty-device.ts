import type { WebGPUBackend } from "@tensorflow/tfjs-backend-webgpu";
import type { DataId } from "../tfjs/engine.ts";

/**
 * The free buffers that the backend kept for reuse before a pass. They are out of its reach, so
 * that the pass makes its own, whatever ran before. Each may stand in for one that the pass makes:
 * to make and to destroy buffers takes a GPU longer than the pass itself.
 */
export class FormerBuffers {
  readonly #manager: WebGPUBackend["bufferManager"];
  readonly #free = new Map<string, GPUBuffer[]>();
  /** A larger one was refused when it was made, and is of no use. */
  readonly #mostBytes: number;

  constructor({ bufferManager, device }: WebGPUBackend) {
    this.#manager = bufferManager;
    this.#mostBytes = device.limits.maxBufferSize;
    for (const [key, buffers] of poolOf(bufferManager) ?? []) {
      this.#addToFree(-buffers.length);
      this.#free.set(key, buffers.splice(0));
    }
  }

  /**
   * The backend is to take a buffer. If it would make one, and there is one like that, it takes that.
   *
   * @param isMapped whether the buffer is mapped when it is made. Then it is made all the same, since
   *   tfjs fills a buffer that it reuses in another way, and the former one is destroyed for it.
   * @returns whether a buffer stands in.
   */
  standIn(size: number, usage: number, isMapped: boolean): boolean {
    const key = keyOf(size, usage);
    const pool = poolOf(this.#manager)?.get(key);
    if (pool === undefined || pool.length > 0) return false;
    const buffer = this.#free.get(key)?.pop();
    if (buffer === undefined) return false;
    if (isMapped || size > this.#mostBytes) {
      this.#destroy(buffer);
      return false;
    }
    pool.push(buffer);
    this.#addToFree(1);
    return true;
  }

  /** The backend may take again those that are left. */
  giveBack(): void {
    for (const [key, buffers] of this.#free) {
      poolOf(this.#manager)
        ?.get(key)
        ?.push(...buffers);
      this.#addToFree(buffers.length);
    }
    this.#free.clear();
  }

  /** None of them is to be used again. */
  destroy(): void {
    for (const buffers of this.#free.values()) {
      for (const buffer of buffers) this.#destroy(buffer);
    }
    this.#free.clear();
  }

  #destroy(buffer: GPUBuffer): void {
    this.#manager.numBytesAllocated -= buffer.size;
    buffer.destroy();
  }

  #addToFree(count: number): void {
    Reflect.set(this.#manager, "numFreeBuffers", this.#manager.getNumFreeBuffers() + count);
  }
}

/** Whether the backend surely keeps a free buffer that it would take instead of making one. */
export function reuses({ bufferManager }: WebGPUBackend, size: number, usage: number): boolean {
  return (poolOf(bufferManager)?.get(keyOf(size, usage))?.length ?? 0) > 0;
}

/** Whether the backend keeps a free buffer that it would take instead of making this one. */
export function hasFree({ bufferManager }: WebGPUBackend, { size, usage }: GPUBuffer): boolean {
  if (bufferManager.getNumFreeBuffers() === 0) return false;
  const pool = poolOf(bufferManager);
  // A pool that knows no such key for a buffer in use has keys of another kind.
  const free = pool?.get(keyOf(size, usage));
  return free === undefined || free.length > 0;
}

/** tfjs's key. */
function keyOf(size: number, usage: number): string {
  return `${size}_${usage}`;
}

/** The free buffers that the backend keeps, by what they fit. */
function poolOf(manager: WebGPUBackend["bufferManager"]): Map<string, GPUBuffer[]> | undefined {
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

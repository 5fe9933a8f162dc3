import type { WebGPUBackend } from "@tensorflow/tfjs-backend-webgpu";
import type { DataId } from "../tfjs/engine.ts";

/** By buffer manager, the free buffers of earlier passes, while a pass is recorded. */
const formerOf = new WeakMap<WebGPUBackend["bufferManager"], Set<GPUBuffer>>();

/**
 * The free buffers that the backend kept for reuse before a pass. They lie below those that the
 * pass frees, of which tfjs takes the last. So one of them stands in where the pass on an empty
 * device would make a buffer: to make and to destroy buffers takes a GPU longer than the pass.
 */
export class FormerBuffers {
  readonly #manager: WebGPUBackend["bufferManager"];
  readonly #buffers: Set<GPUBuffer>;
  /** A larger one was refused when it was made, and is of no use. */
  readonly #mostBytes: number;

  constructor({ bufferManager, device }: WebGPUBackend) {
    this.#manager = bufferManager;
    this.#mostBytes = device.limits.maxBufferSize;
    this.#buffers = new Set(poolsOf(bufferManager).flat());
    formerOf.set(bufferManager, this.#buffers);
  }

  /** Whether a buffer that the backend just took stands in for one that the pass makes. */
  standsIn(buffer: GPUBuffer): boolean {
    return this.#buffers.delete(buffer);
  }

  /**
   * The backend is to take a buffer. A former one is destroyed where it is of no use: where it is too
   * large, and where it was to be mapped when it is made, since tfjs fills a buffer that it reuses in
   * another way.
   *
   * @returns whether there was one, so that the backend has to make the buffer.
   */
  refuse(size: number, usage: number, isMapped: boolean): boolean {
    if (!isMapped && size <= this.#mostBytes) return false;
    const free = poolOf(this.#manager)?.get(keyOf(size, usage)) ?? [];
    const buffer = free.at(-1);
    if (buffer === undefined || !this.#buffers.has(buffer)) return false;
    this.#destroyLast(free);
    return true;
  }

  /** None of them is to be used again. */
  destroy(): void {
    for (const free of poolsOf(this.#manager)) while (this.#destroyLast(free));
  }

  /** The pass is over. */
  forget(): void {
    formerOf.delete(this.#manager);
  }

  #destroyLast(free: GPUBuffer[]): boolean {
    const buffer = free.pop();
    if (buffer === undefined) return false;
    this.#buffers.delete(buffer);
    this.#manager.numBytesAllocated -= buffer.size;
    Reflect.set(this.#manager, "numFreeBuffers", this.#manager.getNumFreeBuffers() - 1);
    buffer.destroy();
    return true;
  }
}

/**
 * Whether the backend keeps a free buffer that it would take instead of making one like this: of
 * earlier passes none counts while a pass is recorded.
 */
export function hasFree(
  { bufferManager }: WebGPUBackend,
  { size, usage }: Pick<GPUBuffer, "size" | "usage">,
): boolean {
  const former = formerOf.get(bufferManager);
  if (bufferManager.getNumFreeBuffers() === (former?.size ?? 0)) return false;
  const free = poolOf(bufferManager)?.get(keyOf(size, usage))?.at(-1);
  return free !== undefined && former?.has(free) !== true;
}

/** tfjs's key. */
function keyOf(size: number, usage: number): string {
  return `${size}_${usage}`;
}

function poolsOf(manager: WebGPUBackend["bufferManager"]): GPUBuffer[][] {
  return [...(poolOf(manager)?.values() ?? [])];
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

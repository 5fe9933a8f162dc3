import type { Graph } from "@opcounter/ir";
import type { WebGPUBackend } from "@tensorflow/tfjs-backend-webgpu";

/** What tfjs's buffer manager held on the device while a graph was recorded, in bytes. */
export interface RecordedMemory {
  /** The most that buffers in use took at once: tensors, weights, uniforms. */
  readonly peakUsedBytes: number;
  /** The most that was allocated at once, buffers kept for reuse included. */
  readonly peakAllocatedBytes: number;
}

const recorded = new WeakMap<Graph, RecordedMemory>();

/** What was held while a graph was recorded; undefined for a graph that was read or made by a pass. */
export function recordedMemory(graph: Graph): RecordedMemory | undefined {
  return recorded.get(graph);
}

/** Watches the buffers of a backend from now on, kernel by kernel. */
export class MemoryWatch {
  readonly #backend: WebGPUBackend;
  /** Bytes of what was there before and has nothing to do with the pass. */
  #foreignBytes: number;
  #peakUsed = 0;
  #peakAllocated = 0;

  constructor(backend: WebGPUBackend) {
    this.#backend = backend;
    this.#foreignBytes = backend.bufferManager.numBytesUsed;
  }

  /** Says that a buffer that was there before belongs to the pass: a weight, an input. */
  claim(bytes: number): void {
    this.#foreignBytes -= bytes;
  }

  sample(): void {
    const { numBytesUsed, numBytesAllocated } = this.#backend.bufferManager;
    this.#peakUsed = Math.max(this.#peakUsed, numBytesUsed);
    this.#peakAllocated = Math.max(this.#peakAllocated, numBytesAllocated);
  }

  /** Keeps what was seen with the graph that was recorded meanwhile. */
  finish(graph: Graph): void {
    recorded.set(graph, {
      peakUsedBytes: this.#peakUsed - this.#foreignBytes,
      peakAllocatedBytes: this.#peakAllocated - this.#foreignBytes,
    });
  }
}

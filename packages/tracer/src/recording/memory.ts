import type { RecordedMemory } from "@opcounter/ir/core";
import type { WebGPUBackend } from "@tensorflow/tfjs-backend-webgpu";

/** Measures the memory of a pass by the buffers of a backend, kernel by kernel. */
export class MemoryWatch {
  readonly #backend: WebGPUBackend;
  /** Bytes of buffers that existed before and are not part of the pass. */
  #foreignUsed: number;
  #foreignAllocated: number;
  #peakUsed = 0;
  #peakAllocated = 0;

  constructor(backend: WebGPUBackend) {
    this.#backend = backend;
    this.#foreignUsed = backend.bufferManager.numBytesUsed;
    this.#foreignAllocated = backend.bufferManager.numBytesAllocated;
  }

  /** Counts a buffer that existed before as part of the pass: a weight's or an input's. */
  claim(bytes: number): void {
    this.#foreignUsed -= bytes;
    this.#foreignAllocated -= bytes;
  }

  sample(): void {
    const { numBytesUsed, numBytesAllocated } = this.#backend.bufferManager;
    this.#peakUsed = Math.max(this.#peakUsed, numBytesUsed);
    this.#peakAllocated = Math.max(this.#peakAllocated, numBytesAllocated);
  }

  /** The peaks so far. */
  get memory(): RecordedMemory {
    return {
      peakUsedBytes: this.#peakUsed - this.#foreignUsed,
      peakAllocatedBytes: this.#peakAllocated - this.#foreignAllocated,
    };
  }
}

import type { RecordedMemory } from "@opcounter/ir/core";
import type { WebGPUBackend } from "@tensorflow/tfjs-backend-webgpu";

/** Watches the buffers of a backend from now on, kernel by kernel. */
export class MemoryWatch {
  readonly #backend: WebGPUBackend;
  /** Bytes of what was there before and has nothing to do with the pass. */
  #foreignUsed: number;
  #foreignAllocated: number;
  #peakUsed = 0;
  #peakAllocated = 0;

  constructor(backend: WebGPUBackend) {
    this.#backend = backend;
    this.#foreignUsed = backend.bufferManager.numBytesUsed;
    this.#foreignAllocated = backend.bufferManager.numBytesAllocated;
  }

  /** Says that a buffer that was there before belongs to the pass: a weight, an input. */
  claim(bytes: number): void {
    this.#foreignUsed -= bytes;
    this.#foreignAllocated -= bytes;
  }

  sample(): void {
    const { numBytesUsed, numBytesAllocated } = this.#backend.bufferManager;
    this.#peakUsed = Math.max(this.#peakUsed, numBytesUsed);
    this.#peakAllocated = Math.max(this.#peakAllocated, numBytesAllocated);
  }

  /** What was seen so far. */
  get memory(): RecordedMemory {
    return {
      peakUsedBytes: this.#peakUsed - this.#foreignUsed,
      peakAllocatedBytes: this.#peakAllocated - this.#foreignAllocated,
    };
  }
}

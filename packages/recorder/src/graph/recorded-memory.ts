import type { DeviceEvent, RecordedMemory } from "@opcounter/ir/core";
import { BufferLedger, useOf } from "@opcounter/tracer/webgpu";
import type { BufferFacts } from "../commands.ts";

/** The program's buffers on the device, from the first to the last. */
export class MemoryLog {
  readonly #ledger = new BufferLedger();

  create(buffer: BufferFacts): DeviceEvent {
    this.#ledger.take(buffer, true);
    return { kind: "create", bytes: buffer.size, use: useOf(buffer.usage) };
  }

  /** Undefined where it was destroyed before. */
  destroy(buffer: BufferFacts): DeviceEvent | undefined {
    if (this.#ledger.serialOf(buffer) === undefined) return undefined;
    this.#ledger.giveBack(buffer, true);
    return { kind: "destroy", bytes: buffer.size, use: useOf(buffer.usage) };
  }

  get memory(): RecordedMemory {
    const { usedBytes, allocatedBytes, buffers } = this.#ledger.peak;
    return {
      peakUsedBytes: usedBytes,
      peakAllocatedBytes: allocatedBytes,
      peakBuffers: buffers().map(({ bytes, use }) => ({ bytes, use })),
    };
  }
}

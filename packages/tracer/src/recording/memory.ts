import type { OpId, RecordedBuffer, RecordedMemory, ValueId } from "@opcounter/ir/core";
import type { BufferSerial } from "../devices/buffer-ledger.ts";
import type { DeviceRecorder } from "../devices/device-recorder.ts";
import type { DataId } from "../tfjs/engine.ts";

/** Stands for the run of a kernel where none ran. */
export const NO_RUN = -1;

/** Names the buffers of a pass: by the tensor that each holds, and by the kernel that took it. */
export class MemoryWatch {
  readonly #recorder: DeviceRecorder;
  /** By buffer, the run that took it into use. */
  readonly #takers: number[] = [];
  /** By real or imaginary part, the data of the first complex tensor that it was seen in. */
  readonly #wholes = new Map<DataId, DataId>();

  constructor(recorder: DeviceRecorder) {
    this.#recorder = recorder;
  }

  /** A run of a kernel took this buffer into use. */
  taken(serial: BufferSerial, run: number): void {
    this.#takers[serial] = run;
  }

  /** Complex data has no buffer, and its parts have. */
  isPart(part: DataId, whole: DataId): void {
    if (!this.#wholes.has(part)) this.#wholes.set(part, whole);
  }

  /**
   * What gives the peaks of the pass. It holds on to no tensor and no buffer.
   *
   * @param valueOfData the value that a piece of data was made as.
   * @param ops the op that each run became.
   */
  memory(
    valueOfData: (data: DataId) => ValueId | undefined,
    ops: readonly (OpId | undefined)[],
  ): () => RecordedMemory {
    const { usedBytes, allocatedBytes, buffers } = this.#recorder.ledger.peak;
    const takers = this.#takers;
    const wholes = this.#wholes;
    return () => ({
      peakUsedBytes: usedBytes,
      peakAllocatedBytes: allocatedBytes,
      peakBuffers: buffers().map(({ serial, bytes, use, data }): RecordedBuffer => {
        const value = data && (valueOfData(data) ?? valueOfData(wholes.get(data) ?? data));
        const op = ops[takers[serial] ?? NO_RUN];
        return {
          bytes,
          use,
          ...(value === undefined ? {} : { value }),
          ...(op === undefined ? {} : { op }),
        };
      }),
    });
  }
}

import type { OpId, RecordedBuffer, RecordedMemory, ValueId } from "@opcounter/ir/core";
import type { WebGPUBackend } from "@tensorflow/tfjs-backend-webgpu";
import type { Tensor } from "@tensorflow/tfjs-core";
import type { BufferSerial } from "../devices/buffer-ledger.ts";
import type { DeviceRecorder } from "../devices/device-recorder.ts";
import type { DataId } from "../tfjs/engine.ts";

/** Stands for the run of a kernel where none ran. */
export const NO_RUN = -1;

/** Names the buffers of a pass: by the tensor that each holds, and by the kernel that took it. */
export class MemoryWatch {
  readonly #backend: WebGPUBackend;
  readonly #recorder: DeviceRecorder;
  /** By buffer, the run that took it into use. */
  readonly #takers: number[] = [];
  /** By real or imaginary part, the data of the first complex tensor that it was seen in. */
  readonly #wholes = new Map<DataId, DataId>();

  constructor(backend: WebGPUBackend, recorder: DeviceRecorder) {
    this.#backend = backend;
    this.#recorder = recorder;
  }

  /** A run of a kernel took this buffer into use. */
  taken(serial: BufferSerial, run: number): void {
    this.#takers[serial] = run;
  }

  /** A complex tensor is where it is now: its parts have buffers, and it has none. */
  holdsParts({ dataId }: Tensor): void {
    const { tensorMap } = this.#backend;
    const parts = tensorMap.has(dataId) ? tensorMap.get(dataId).complexTensorInfos : undefined;
    for (const part of Object.values(parts ?? {})) {
      if (!this.#wholes.has(part.dataId)) this.#wholes.set(part.dataId, dataId);
    }
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
        const whole = data && wholes.get(data);
        const value = data && (valueOfData(data) ?? (whole && valueOfData(whole)));
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

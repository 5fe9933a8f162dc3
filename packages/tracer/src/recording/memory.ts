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
  /** By buffer: the tensor in it that was seen first, and the run that took it into use. */
  readonly #tensors: (Tensor["id"] | undefined)[] = [];
  readonly #takers: number[] = [];

  constructor(backend: WebGPUBackend, recorder: DeviceRecorder) {
    this.#backend = backend;
    this.#recorder = recorder;
  }

  /** A run of a kernel took this buffer into use. */
  taken(serial: BufferSerial, run: number): void {
    this.#takers[serial] = run;
  }

  /** This tensor is where it is now. A view shares the buffer of the tensor seen first. */
  holds({ id, dataId }: Tensor): void {
    this.#heldBy(id, dataId);
  }

  /** A piece of data, or each part of complex data, holds this tensor's elements. */
  #heldBy(id: Tensor["id"], dataId: DataId): void {
    const { tensorMap } = this.#backend;
    if (!tensorMap.has(dataId)) return;
    const { resource, complexTensorInfos } = tensorMap.get(dataId);
    if (resource != null && "size" in resource) {
      const serial = this.#recorder.ledger.serialOf(resource);
      if (serial !== undefined) this.#tensors[serial] ??= id;
    }
    if (complexTensorInfos == null) return;
    for (const part of Object.values(complexTensorInfos)) this.#heldBy(id, part.dataId);
  }

  /**
   * What gives the peaks of the pass. It holds on to no tensor and no buffer.
   *
   * @param values the value that each tensor stands for.
   * @param ops the op that each run became.
   */
  memory(
    values: ReadonlyMap<Tensor["id"], ValueId>,
    ops: readonly (OpId | undefined)[],
  ): () => RecordedMemory {
    const { usedBytes, allocatedBytes, buffers } = this.#recorder.ledger.peak;
    const tensors = this.#tensors;
    const takers = this.#takers;
    return () => ({
      peakUsedBytes: usedBytes,
      peakAllocatedBytes: allocatedBytes,
      peakBuffers: buffers().map(({ serial, bytes, use }): RecordedBuffer => {
        const tensor = tensors[serial];
        const value = tensor === undefined ? undefined : values.get(tensor);
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

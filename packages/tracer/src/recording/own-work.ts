import type { HostValues, TensorCount } from "@opcounter/ir/core";
import type { Tensor } from "@tensorflow/tfjs-core";
import type { Read } from "./watch-host-values.ts";

/** Counts what a program itself reads, and the tensors that it then makes of values. */
export class OwnWork {
  /** The reads and the tensors made, in order. Tensors made before the first read are left out. */
  readonly #events = new Set<Read | Tensor>();

  addRead(read: Read): void {
    this.#events.add(read);
  }

  /** The read was for a function of TensorFlow.js. */
  dropRead(read: Read): void {
    this.#events.delete(read);
  }

  addMade(tensor: Tensor): void {
    if (this.#events.size > 0) this.#events.add(tensor);
  }

  /** A function of TensorFlow.js made the tensor. */
  dropMade(tensor: Tensor): void {
    this.#events.delete(tensor);
  }

  /** Undefined where nothing was read. */
  get values(): HostValues | undefined {
    const events = [...this.#events];
    const first = events.findIndex(isRead);
    if (first < 0) return undefined;
    // Views share their data, and are one value.
    const read = new Map(events.filter(isRead).map(({ tensor }) => [tensor.dataId, tensor]));
    const made = events.slice(first).flatMap((event) => (isRead(event) ? [] : event));
    return { read: countOf([...read.values()]), made: countOf(made) };
  }
}

function isRead(event: Read | Tensor): event is Read {
  return "isAsync" in event;
}

function countOf(tensors: readonly Tensor[]): TensorCount {
  const elements = tensors.reduce((sum, { size }) => sum + size, 0);
  return { tensors: tensors.length, elements };
}

import type { BufferRange, Entry, Listener } from "../commands.ts";
import { Known } from "./known.ts";
import { Patches } from "./patches.ts";
import { watchBufferClass } from "./watch-buffer.ts";
import { watchDevice, watchDeviceClass } from "./watch-device.ts";
import { watchQueue } from "./watch-queue.ts";

/** What all watches share. */
export class Watcher {
  readonly patches = new Patches();
  readonly known: Known;

  constructor(readonly listener: Listener) {
    this.known = new Known(listener.holdsBuffers, (buffer) =>
      this.tell({ kind: "held", buffer, data: undefined }),
    );
  }

  tell(entry: Entry): void {
    this.listener.entry(entry);
  }

  /** The program wrote bytes, which are its own: they may change from now on. */
  written(to: BufferRange, bytes: Uint8Array): void {
    const isKept = bytes.length <= this.listener.mostBytes;
    this.tell({ kind: "write", to, data: isKept ? bytes.slice() : undefined });
  }

  /** Work that the program may wait for; the recording does, too. */
  waits<T>(work: Promise<T>): Promise<T> {
    this.listener.pending(work);
    return work;
  }

  /** Watches what is made of a `navigator.gpu`, from its adapters on, until `stop`. */
  watch(gpu: GPU): void {
    this.patches.ofClass(gpu, {
      requestAdapter: (_, call) =>
        this.waits(
          call().then((adapter) => {
            if (adapter !== null) this.#watchAdapter(adapter);
            return adapter;
          }),
        ),
    });
  }

  /**
   * Watches all devices of a page, also those that are there already. Of what was made before, what
   * its objects tell themselves is known: buffers have their sizes, and pipelines have no shaders.
   */
  watchPage(gpu: GPU): void {
    this.known.takeEarlier({ label: "", limits: undefined });
    watchDeviceClass(GPUDevice.prototype, this);
    watchQueue(GPUQueue.prototype, this);
    watchBufferClass(GPUBuffer.prototype, this);
    this.watch(gpu);
    this.#watchAdapterClass(GPUAdapter.prototype);
  }

  /** Takes all patches back. */
  stop(): void {
    this.patches.undo();
  }

  #watchAdapter(adapter: GPUAdapter): void {
    this.listener.adapter(adapter.info);
    this.#watchAdapterClass(adapter);
  }

  #watchAdapterClass(adapter: GPUAdapter): void {
    this.patches.ofClass(adapter, {
      requestDevice: (_, call) =>
        this.waits(
          call().then((device) => {
            watchDevice(device, this);
            return device;
          }),
        ),
    });
  }
}

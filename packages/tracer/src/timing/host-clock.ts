import type { WebGPUBackend } from "@tensorflow/tfjs-backend-webgpu";
import { useOf } from "../devices/buffer-ledger.ts";
import { own } from "../patches/patch.ts";
import { takeBack } from "../patches/undo.ts";
import type { Engine } from "../tfjs/engine.ts";

/** What the host does for the device, besides running kernels. */
export type Activity = "submits" | "pipelines" | "buffers" | "uploads" | "readbacks";

/** How long an activity took, how often, and how many bytes it was about. */
export interface Tally {
  ms: number;
  count: number;
  bytes: number;
}

const noTally = (): Tally => ({ ms: 0, count: 0, bytes: 0 });

/** A stretch of time in which the host ran nothing of TensorFlow.js, by `performance.now()`. */
export interface Idle {
  readonly from: number;
  readonly to: number;
  /** What it waited for: values that are read, the end of the device's work, or else the program. */
  readonly for: "readbacks" | "waiting" | "program";
}

/** A submit: when it began, and how many dispatches had been recorded. */
export interface Submit {
  readonly at: number;
  readonly dispatches: number;
}

/** Something of TensorFlow.js that runs. */
interface Running {
  /** Undefined for a kernel itself. */
  readonly activity: Activity | undefined;
  /** The place of the kernel that runs it in `kernels`; undefined outside any kernel. */
  readonly kernel: number | undefined;
}

/**
 * Tells what the host's thread does while a program runs. It patches what TensorFlow.js calls, and
 * credits each moment to the innermost call that is open.
 */
export class HostClock {
  /** Per run of a kernel, in the order they begin: milliseconds of its own code. */
  readonly kernelMs: number[] = [];
  /** The same of what it has the device do: pipelines, buffers, transfers, submits. */
  readonly deviceMs: number[] = [];
  readonly tallies: Readonly<Record<Activity, Tally>> = {
    submits: noTally(),
    pipelines: noTally(),
    buffers: noTally(),
    uploads: noTally(),
    readbacks: noTally(),
  };
  /** In order. */
  readonly idle: Idle[] = [];
  readonly submits: Submit[] = [];
  /** The pipelines that were compiled, in order. */
  readonly pipelines: { readonly program: string; readonly ms: number }[] = [];
  readonly #running: Running[] = [];
  readonly #undo: (() => void)[];
  readonly #dispatches: () => number;
  #last: number;
  #reading = 0;
  #isEnding = false;
  /** The time of shader modules that no pipeline has yet. */
  #moduleMs = 0;

  /** @param dispatches tells how many dispatches were recorded so far. */
  constructor(tfEngine: Engine, backend: WebGPUBackend, dispatches: () => number = () => 0) {
    this.#dispatches = dispatches;
    this.#undo = [
      this.#watchKernels(tfEngine),
      ...this.#watchDevice(backend.device),
      ...this.#watchQueue(backend.device.queue),
      ...this.#watchTransfers(backend),
    ];
    this.#last = performance.now();
  }

  /** From here on the host only waits for the device. */
  ends(): void {
    this.#switch();
    this.#isEnding = true;
  }

  /** Takes the patches back, and returns when the clock stopped. */
  readonly stop = (): number => {
    if (this.#undo.length > 0) this.#switch();
    takeBack(this.#undo.splice(0));
    return this.#last;
  };

  /** Credits the time since the last switch to what was running. */
  #switch(): void {
    const [from, to] = [this.#last, performance.now()];
    this.#last = to;
    const running = this.#running.at(-1);
    if (running === undefined) {
      const waiting = this.#isEnding ? "waiting" : "program";
      this.idle.push({ from, to, for: this.#reading > 0 ? "readbacks" : waiting });
      return;
    }
    const { activity, kernel } = running;
    if (activity !== undefined) this.tallies[activity].ms += to - from;
    if (kernel === undefined) return;
    const ofKernel = activity === undefined ? this.kernelMs : this.deviceMs;
    ofKernel[kernel] = (ofKernel[kernel] ?? 0) + (to - from);
  }

  #during<T>(running: Running, body: () => T): T {
    this.#switch();
    this.#running.push(running);
    try {
      return body();
    } finally {
      this.#switch();
      this.#running.pop();
    }
  }

  #doing<T>(activity: Activity, body: () => T): T {
    return this.#during({ activity, kernel: this.#running.at(-1)?.kernel }, body);
  }

  #count(activity: Activity, bytes: number): void {
    const tally = this.tallies[activity];
    tally.count++;
    tally.bytes += bytes;
  }

  #watchKernels(tfEngine: Engine): () => void {
    const { runKernel } = tfEngine;
    const timed: typeof runKernel = (kernel, inputs, attrs) => {
      const place = this.kernelMs.push(0) - 1;
      this.deviceMs.push(0);
      return this.#during({ activity: undefined, kernel: place }, () =>
        runKernel.call(tfEngine, kernel, inputs, attrs),
      );
    };
    return own(tfEngine, "runKernel", timed);
  }

  #watchDevice(device: GPUDevice): (() => void)[] {
    const { createShaderModule, createComputePipeline, createBuffer } = device;
    const timed = <T>(body: () => T): [T, ms: number] => {
      const began = performance.now();
      return [this.#doing("pipelines", body), performance.now() - began];
    };
    return [
      own(device, "createShaderModule", (descriptor: GPUShaderModuleDescriptor) => {
        const [module, ms] = timed(() => createShaderModule.call(device, descriptor));
        this.#moduleMs += ms;
        return module;
      }),
      own(device, "createComputePipeline", (descriptor: GPUComputePipelineDescriptor) => {
        const [pipeline, ms] = timed(() => createComputePipeline.call(device, descriptor));
        this.#count("pipelines", 0);
        this.pipelines.push({ program: descriptor.label ?? "", ms: ms + this.#moduleMs });
        this.#moduleMs = 0;
        return pipeline;
      }),
      own(device, "createBuffer", (descriptor: GPUBufferDescriptor) => {
        // What an upload or a readback is staged in belongs to it.
        const outer = this.#running.at(-1)?.activity;
        const isStaging = useOf(descriptor.usage) === "staging" && outer !== undefined;
        if (!isStaging) this.#count("buffers", descriptor.size);
        return this.#doing(isStaging ? outer : "buffers", () =>
          createBuffer.call(device, descriptor),
        );
      }),
    ];
  }

  #watchQueue(queue: GPUQueue): (() => void)[] {
    const { submit, writeBuffer } = queue;
    return [
      own(queue, "submit", (commands: Iterable<GPUCommandBuffer>) => {
        this.submits.push({ at: performance.now(), dispatches: this.#dispatches() });
        this.#count("submits", 0);
        this.#doing("submits", () => submit.call(queue, commands));
      }),
      own(queue, "writeBuffer", (...args: Parameters<typeof writeBuffer>) => {
        const [buffer, , data, , size] = args;
        const write = () => Reflect.apply(writeBuffer, queue, args);
        // Uniforms are part of dispatching.
        if (useOf(buffer.usage) === "uniform") return write();
        this.#count("uploads", size ?? data.byteLength);
        return this.#doing("uploads", write);
      }),
    ];
  }

  #watchTransfers(backend: WebGPUBackend): (() => void)[] {
    const { uploadToGPU, read, readSync } = backend;
    /** The bytes of data that only the device has; 0 where the host has it. */
    const bytesOnDevice = (dataId: object) => {
      if (!backend.tensorMap.has(dataId)) return 0;
      const { values, resource } = backend.tensorMap.get(dataId);
      return values == null && resource != null && "size" in resource ? resource.size : 0;
    };
    return [
      own(backend, "uploadToGPU", (dataId: object) => {
        const { values, resource } = backend.tensorMap.get(dataId);
        // Without values, or on the device already, nothing is copied.
        if (values == null || resource != null) return uploadToGPU.call(backend, dataId);
        this.#doing("uploads", () => uploadToGPU.call(backend, dataId));
        this.#count("uploads", bytesOnDevice(dataId));
      }),
      own(backend, "read", async (dataId: object) => {
        const bytes = bytesOnDevice(dataId);
        if (bytes > 0) this.#count("readbacks", bytes);
        this.#switch();
        this.#reading++;
        try {
          return await read.call(backend, dataId);
        } finally {
          this.#switch();
          this.#reading--;
        }
      }),
      own(backend, "readSync", (dataId: object) => {
        const bytes = bytesOnDevice(dataId);
        if (bytes === 0) return readSync.call(backend, dataId);
        this.#count("readbacks", bytes);
        return this.#doing("readbacks", () => readSync.call(backend, dataId));
      }),
    ];
  }
}

import type { Dispatch } from "@opcounter/ir";

/**
 * Keeps the compute dispatches recorded on one device between `start` and `stop`, in order. Works
 * on any device, virtual or real, by putting own methods before those of the device and of the
 * encoders it hands out meanwhile.
 */
export class DispatchRecorder {
  #dispatches: Dispatch[] = [];
  #undo: (() => void) | undefined;

  constructor(readonly device: GPUDevice) {}

  start(): void {
    const { device } = this;
    const createCommandEncoder = device.createCommandEncoder;
    this.#undo = own(device, "createCommandEncoder", (descriptor?: GPUCommandEncoderDescriptor) => {
      const encoder = createCommandEncoder.call(device, descriptor);
      this.#watchEncoder(encoder);
      return encoder;
    });
  }

  /** Takes the watch off the device. */
  stop(): void {
    this.#undo?.();
    this.#undo = undefined;
    this.#dispatches = [];
  }

  /** The dispatches since the last call of this method. */
  take(): readonly Dispatch[] {
    if (this.#dispatches.length === 0) return [];
    const taken = this.#dispatches;
    this.#dispatches = [];
    return taken;
  }

  #watchEncoder(encoder: GPUCommandEncoder): void {
    const beginComputePass = encoder.beginComputePass;
    own(encoder, "beginComputePass", (descriptor?: GPUComputePassDescriptor) => {
      const pass = beginComputePass.call(encoder, descriptor);
      this.#watchPass(pass);
      return pass;
    });
  }

  #watchPass(pass: GPUComputePassEncoder): void {
    const { setPipeline, dispatchWorkgroups } = pass;
    let program = "";
    own(pass, "setPipeline", (pipeline: GPUComputePipeline) => {
      program = pipeline.label;
      setPipeline.call(pass, pipeline);
    });
    own(pass, "dispatchWorkgroups", (x: number, y = 1, z = 1) => {
      this.#dispatches.push({ program, workgroups: [x, y, z] });
      dispatchWorkgroups.call(pass, x, y, z);
    });
  }
}

/** Puts an own property on an object; returns what takes it back. */
function own(target: object, name: string, value: unknown): () => void {
  const before = Object.getOwnPropertyDescriptor(target, name);
  Object.defineProperty(target, name, { value, configurable: true, writable: true });
  return () => {
    if (before === undefined) Reflect.deleteProperty(target, name);
    else Object.defineProperty(target, name, before);
  };
}

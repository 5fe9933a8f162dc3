import type { Extent } from "@opcounter/ir/core";
import type { Timestamps } from "./timestamps.ts";

/** What is told of the commands that an encoder takes. */
export interface EncoderListener {
  /** If there are any now, each dispatch runs in a compute pass of its own and is timed. */
  readonly timestamps: Timestamps | undefined;
  dispatched(
    pipeline: GPUComputePipeline,
    group: GPUBindGroup | null | undefined,
    workgroups: Extent,
  ): void;
  /** Values of so many bytes are copied to where the host can read them. */
  readBack(bytes: number): void;
}

/** Other code has encoders of its own, so all code may see the patches of this one. */
export function watchEncoder(encoder: GPUCommandEncoder, listener: EncoderListener): void {
  const { beginComputePass, copyBufferToBuffer } = encoder;
  Object.assign(encoder, {
    beginComputePass(descriptor?: GPUComputePassDescriptor) {
      const { timestamps } = listener;
      if (timestamps !== undefined) {
        return timedPass(listener, () =>
          beginComputePass.call(encoder, { ...descriptor, timestampWrites: timestamps.next() }),
        );
      }
      const pass = beginComputePass.call(encoder, descriptor);
      watchPass(pass, listener);
      return pass;
    },
    copyBufferToBuffer(...args: Parameters<typeof copyBufferToBuffer>) {
      const [from, , to] = args;
      // Values are read back by a copy to a buffer that can be mapped.
      if (typeof to === "object" && (to.usage & GPUBufferUsage.MAP_READ) !== 0) {
        listener.readBack(from.size);
      }
      Reflect.apply(copyBufferToBuffer, encoder, args);
    },
  });
}

function watchPass(pass: GPUComputePassEncoder, listener: EncoderListener): void {
  const { setPipeline, setBindGroup, dispatchWorkgroups } = pass;
  let pipeline: GPUComputePipeline | undefined;
  let group: GPUBindGroup | null | undefined;
  Object.assign(pass, {
    setPipeline(next: GPUComputePipeline) {
      pipeline = next;
      setPipeline.call(pass, next);
    },
    setBindGroup(...args: Parameters<typeof setBindGroup>) {
      group = args[1];
      Reflect.apply(setBindGroup, pass, args);
    },
    dispatchWorkgroups(x: number, y = 1, z = 1) {
      if (pipeline === undefined) throw new Error("a dispatch has no pipeline");
      listener.dispatched(pipeline, group, [x, y, z]);
      dispatchWorkgroups.call(pass, x, y, z);
    },
  });
}

/** Stands in for a compute pass: runs each dispatch in a pass of its own, which `begin` begins. */
function timedPass(listener: EncoderListener, begin: () => GPUComputePassEncoder): object {
  let pipeline: GPUComputePipeline | undefined;
  let group: GPUBindGroup | null | undefined;
  return {
    setPipeline: (next: GPUComputePipeline) => {
      pipeline = next;
    },
    setBindGroup: (_: number, next: GPUBindGroup | null) => {
      group = next;
    },
    dispatchWorkgroups: (x: number, y = 1, z = 1) => {
      if (pipeline === undefined) throw new Error("a dispatch has no pipeline");
      const pass = begin();
      pass.setPipeline(pipeline);
      if (group !== undefined) pass.setBindGroup(0, group);
      listener.dispatched(pipeline, group, [x, y, z]);
      pass.dispatchWorkgroups(x, y, z);
      pass.end();
    },
    end: () => undefined,
  };
}

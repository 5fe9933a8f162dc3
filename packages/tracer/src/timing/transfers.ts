import { median } from "@opcounter/ir/core";

/** How long it takes to move some bytes between the host and the device, as a program waits. */
export interface TransferTime {
  readonly bytes: number;
  /** The median over the runs. */
  readonly ms: number;
}

const SIZES = [2 ** 12, 2 ** 16, 2 ** 20, 2 ** 24];
const RUNS = 5;

/** Writes to a buffer on the device, each waited for. */
export function measureUploads(gpu: GPUDevice): Promise<TransferTime[]> {
  return forSizes(async (bytes) => {
    const data = new Uint8Array(bytes);
    const { STORAGE, COPY_DST } = GPUBufferUsage;
    const buffer = gpu.createBuffer({ size: bytes, usage: STORAGE | COPY_DST });
    const ms = await medianTime(async () => {
      gpu.queue.writeBuffer(buffer, 0, data);
      gpu.queue.submit([]);
      await gpu.queue.onSubmittedWorkDone();
    });
    buffer.destroy();
    return ms;
  });
}

/** Reads of a buffer on the device: a copy to one that can be mapped, and from there. */
export function measureReadbacks(gpu: GPUDevice): Promise<TransferTime[]> {
  return forSizes(async (bytes) => {
    const { STORAGE, COPY_SRC, COPY_DST, MAP_READ } = GPUBufferUsage;
    const buffer = gpu.createBuffer({ size: bytes, usage: STORAGE | COPY_SRC });
    const readable = gpu.createBuffer({ size: bytes, usage: COPY_DST | MAP_READ });
    const ms = await medianTime(async () => {
      const encoder = gpu.createCommandEncoder();
      encoder.copyBufferToBuffer(buffer, 0, readable, 0, bytes);
      gpu.queue.submit([encoder.finish()]);
      await readable.mapAsync(GPUMapMode.READ);
      readable.getMappedRange().slice(0);
      readable.unmap();
    });
    buffer.destroy();
    readable.destroy();
    return ms;
  });
}

async function forSizes(measure: (bytes: number) => Promise<number>): Promise<TransferTime[]> {
  const times: TransferTime[] = [];
  for (const bytes of SIZES) times.push({ bytes, ms: await measure(bytes) });
  return times;
}

/** The median time in milliseconds, after a first run that does not count. */
async function medianTime(run: () => Promise<void>): Promise<number> {
  const times: number[] = [];
  for (let i = 0; i <= RUNS; i++) {
    const began = performance.now();
    await run();
    if (i > 0) times.push(performance.now() - began);
  }
  return median(times);
}

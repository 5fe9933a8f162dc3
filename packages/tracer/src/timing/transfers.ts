import { median } from "@opcounter/ir/core";

/** How long a program is held up by moving some bytes between the host and the device. */
export interface TransferTime {
  readonly bytes: number;
  /** The median over the runs. */
  readonly ms: number;
}

const SIZES = [2 ** 12, 2 ** 16, 2 ** 20, 2 ** 24];
const RUNS = 5;

/**
 * Uploads as TensorFlow.js makes them in mid-pass, into a buffer that it reuses: through another,
 * made for that. It is the host's time, since no pass waits for an upload.
 */
export function measureUploads(gpu: GPUDevice): Promise<TransferTime[]> {
  return forSizes(async (bytes) => {
    const data = new Uint8Array(bytes);
    const { STORAGE, COPY_DST, COPY_SRC, MAP_WRITE } = GPUBufferUsage;
    const buffer = gpu.createBuffer({ size: bytes, usage: STORAGE | COPY_DST });
    let staging: GPUBuffer | undefined;
    const upload = () => {
      const usage = MAP_WRITE | COPY_SRC;
      staging = gpu.createBuffer({ size: bytes, usage, mappedAtCreation: true });
      new Uint8Array(staging.getMappedRange()).set(data);
      staging.unmap();
      const encoder = gpu.createCommandEncoder();
      encoder.copyBufferToBuffer(staging, 0, buffer, 0, bytes);
      gpu.queue.submit([encoder.finish()]);
    };
    const ms = await medianTime(upload, async () => {
      await gpu.queue.onSubmittedWorkDone();
      staging?.destroy();
    });
    buffer.destroy();
    return ms;
  });
}

/** Reads of a buffer on the device, each waited for: a copy to one that can be mapped, and from there. */
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

/**
 * The median time in milliseconds, after a first run that does not count.
 *
 * @param after runs after each, and is not timed.
 */
async function medianTime(
  run: () => void | Promise<void>,
  after?: () => Promise<void>,
): Promise<number> {
  const times: number[] = [];
  for (let i = 0; i <= RUNS; i++) {
    const began = performance.now();
    await run();
    if (i > 0) times.push(performance.now() - began);
    await after?.();
  }
  return median(times);
}

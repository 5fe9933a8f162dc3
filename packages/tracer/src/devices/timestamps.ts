/** Dispatches per query set: WebGPU allows 4,096 queries per set, and a dispatch takes two. */
const PER_SET = 2048;
const BYTES_PER_QUERY = 8;

/** When something began and ended. */
export type Span = readonly [begin: number, end: number];

/** How long a span is. A clock that jumps back between the two shows no time. */
export function lengthOf([begin, end]: Span): number {
  return Math.max(0, end - begin);
}

/** Measures how long each dispatch takes on the device. */
export class Timestamps {
  readonly #device: GPUDevice;
  readonly #sets: GPUQuerySet[] = [];
  #count = 0;

  constructor(device: GPUDevice) {
    this.#device = device;
  }

  /** Makes a compute pass write the times when it begins and ends. */
  next(): GPUComputePassTimestampWrites {
    const place = this.#count++ % PER_SET;
    if (place === 0) {
      this.#sets.push(this.#device.createQuerySet({ type: "timestamp", count: 2 * PER_SET }));
    }
    const querySet = this.#sets.at(-1);
    if (querySet === undefined) throw new Error("no query set was made");
    return {
      querySet,
      beginningOfPassWriteIndex: 2 * place,
      endOfPassWriteIndex: 2 * place + 1,
    };
  }

  /** How many dispatches were timed so far. */
  get count(): number {
    return this.#count;
  }

  /** How long each dispatch took, in order, in nanoseconds. Waits for the device to finish. */
  async read(): Promise<number[]> {
    return (await this.spans()).map(lengthOf);
  }

  /** When each dispatch began and ended by the device's clock, in nanoseconds from the first. */
  async spans(): Promise<Span[]> {
    const spans: Span[] = [];
    let first: bigint | undefined;
    for (const [i, set] of this.#sets.entries()) {
      const count = Math.min(PER_SET, this.#count - i * PER_SET);
      const stamps = await this.#resolve(set, 2 * count);
      for (let at = 0; at < count; at++) {
        const [begin, end] = [stamps[2 * at], stamps[2 * at + 1]];
        if (begin === undefined || end === undefined) throw new Error(`no timestamps of ${at}`);
        first ??= begin;
        spans.push([Number(begin - first), Number(end - first)]);
      }
    }
    return spans;
  }

  destroy(): void {
    for (const set of this.#sets) set.destroy();
  }

  async #resolve(set: GPUQuerySet, count: number): Promise<BigUint64Array> {
    const size = count * BYTES_PER_QUERY;
    const { QUERY_RESOLVE, COPY_SRC, COPY_DST, MAP_READ } = GPUBufferUsage;
    const resolved = this.#device.createBuffer({ size, usage: QUERY_RESOLVE | COPY_SRC });
    const readable = this.#device.createBuffer({ size, usage: COPY_DST | MAP_READ });
    const encoder = this.#device.createCommandEncoder();
    encoder.resolveQuerySet(set, 0, count, resolved, 0);
    encoder.copyBufferToBuffer(resolved, 0, readable, 0, size);
    this.#device.queue.submit([encoder.finish()]);
    await readable.mapAsync(GPUMapMode.READ);
    const stamps = new BigUint64Array(readable.getMappedRange().slice(0));
    readable.destroy();
    resolved.destroy();
    return stamps;
  }
}

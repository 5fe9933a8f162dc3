import { WEBGPU_DEFAULT_LIMITS, type WebGpuLimit, type WebGpuLimits } from "@opcounter/ir/core";
import type { DeviceFacts, Entry, Listener } from "./commands.ts";

/** What happened so far, and what the program still waits for. */
export class RecordingLog implements Listener {
  readonly entries: Entry[] = [];
  readonly mostBytes: number;
  readonly holdsBuffers: boolean;
  /** What the program's devices refused, the first of each device. */
  readonly refusals: string[] = [];
  devices = 0;
  adapterInfo: GPUAdapterInfo | undefined;
  /** Called before each entry. What it throws is thrown to the program. */
  beforeEntry: () => void = () => {};
  readonly #pending = new Set<Promise<unknown>>();
  readonly #isVirtual: boolean;
  readonly #hear: (entry: Entry) => void;
  readonly #later: (step: () => void) => void;

  /**
   * @param hear called with each entry as it happens.
   * @param later takes what has to be undone at the end.
   */
  constructor(isVirtual: boolean, hear: (entry: Entry) => void, later: (step: () => void) => void) {
    this.#isVirtual = isVirtual;
    this.#hear = hear;
    this.#later = later;
    this.holdsBuffers = isVirtual;
    this.mostBytes = isVirtual ? Number.POSITIVE_INFINITY : MOST_BYTES;
  }

  entry(entry: Entry): void {
    this.beforeEntry();
    this.#hear(entry);
    // The graph is the same on every device, and a long program's writes do not pile up.
    const isLong = entry.kind === "write" && entry.to.bytes > MOST_BYTES;
    this.entries.push(isLong ? { ...entry, data: undefined } : entry);
  }

  adapter(info: GPUAdapterInfo): void {
    this.adapterInfo = info;
  }

  device(device: GPUDevice): DeviceFacts {
    this.devices++;
    let isFirst = true;
    const onError = ({ error }: GPUUncapturedErrorEvent) => {
      const [reason = ""] = error.message.trim().split("\n");
      if (isFirst) this.refusals.push(reason);
      isFirst = false;
    };
    device.addEventListener("uncapturederror", onError);
    this.#later(() => device.removeEventListener("uncapturederror", onError));
    return {
      label: device.label,
      limits: this.#isVirtual ? limitsOf(device.limits) : undefined,
    };
  }

  pending(work: Promise<unknown>): void {
    this.#pending.add(work);
    const done = () => this.#pending.delete(work);
    work.then(done, done);
  }

  /**
   * Waits until the program waits for nothing of WebGPU. What it does then may begin more, so this asks
   * again after each turn of the event loop.
   */
  async settled(): Promise<void> {
    do {
      await Promise.allSettled(this.#pending);
      await new Promise((resolve) => setTimeout(resolve));
    } while (this.#pending.size > 0);
  }
}

/** Of longer writes no bytes are kept but what the virtual device computes with. */
const MOST_BYTES = 2 ** 20;

function limitsOf(limits: GPUSupportedLimits): WebGpuLimits {
  const entries = Object.keys(WEBGPU_DEFAULT_LIMITS).map((name) => {
    // Sound: the names are the table's.
    const limit = name as WebGpuLimit;
    return [limit, limits[limit]] as const;
  });
  return { ...WEBGPU_DEFAULT_LIMITS, ...Object.fromEntries(entries) };
}

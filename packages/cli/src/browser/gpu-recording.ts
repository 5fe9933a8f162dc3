/** The name of the symbol by which the script that records a page's WebGPU is found in its global scope. */
export const GPU_RECORDING = "opcounter.record";

/** What that script leaves there. */
export interface GpuRecording {
  /** Waits until nothing is pending that the page asked of WebGPU. */
  settled(): Promise<void>;
  /** Ends the recording, and takes all patches back. Returns a `GpuAnswer` as JSON. */
  stop(): string;
}

/** What a page, a frame or a worker did with WebGPU. */
export interface GpuAnswer {
  readonly address: string;
  readonly hasGpu: boolean;
  /** WebGPU is there only where the address is secure. */
  readonly isSecure: boolean;
  /** What kind of adapter answered last. */
  readonly adapter?: "gpu" | "software";
  readonly devices: number;
  readonly submits: number;
  readonly refusals: readonly string[];
  /** Why devices were lost. */
  readonly losses: readonly string[];
  /** How many submits are left out at the end, since there were too many. */
  readonly dropped: number;
  /** As `writeEntries` writes them. */
  readonly entries: string;
}

import type { OpRow } from "../report/report.ts";

/** The kernels that TensorFlow.js runs on the host. */
export interface HostTime {
  readonly ops: number;
  readonly ms: number;
  /** Whether all of it was measured; else it is reckoned from the bytes. */
  readonly isMeasured: boolean;
}

/**
 * Bytes per second that a kernel in JavaScript reads and writes. TensorFlow.js's `Tile`, on the
 * host of the H100 that was measured: 83 MB/s in gpt2, 39 MB/s in vit_b_16.
 */
const HOST_BANDWIDTH = 60e6;

/** How long the ops on the host take. */
export function hostTimeOf(ops: readonly OpRow[]): HostTime {
  const onHost = ops.filter(({ placement }) => placement === "cpu");
  const ms = onHost.reduce((sum, { cpuTimeMs, cost }) => {
    const bytes = Number(cost.bytesRead) + Number(cost.bytesWritten);
    return sum + (cpuTimeMs ?? (1e3 * bytes) / HOST_BANDWIDTH);
  }, 0);
  return {
    ops: onHost.length,
    ms,
    isMeasured: onHost.every(({ cpuTimeMs }) => cpuTimeMs !== null),
  };
}

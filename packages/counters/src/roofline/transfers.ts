import type { CostReport } from "../report/report.ts";
import type { DeviceSpec, TransferTime } from "./device-spec.ts";

/** What each pass moves between the host and the device, in one direction. */
export interface PassTransfers {
  readonly count: number;
  readonly bytes: number;
  /** For how many milliseconds they hold the program up; null where the spec does not say. */
  readonly ms: number | null;
}

export interface Transfers {
  /** Results of ops on the host, which the device takes. */
  readonly uploads: PassTransfers;
  /** Results of ops on the device that are read in mid-pass. */
  readonly readbacks: PassTransfers;
}

/** What each pass moves, by the times that were measured by size. Weights stay on the device. */
export function transfersOf({ ops, recorded }: CostReport, spec: DeviceSpec): Transfers {
  const uploaded = ops.map(({ cost }) => Number(cost.hostBytesUploaded)).filter((n) => n > 0);
  const reads = new Set(recorded?.reads.map(({ op }) => op));
  const read = ops
    .filter(({ id, placement }) => placement === "gpu" && reads.has(id))
    .map(({ cost }) => Number(cost.bytesWritten));
  return {
    uploads: timed(uploaded, spec.uploads),
    readbacks: timed(read, spec.readbacks),
  };
}

function timed(sizes: readonly number[], times: readonly TransferTime[] = []): PassTransfers {
  const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
  const bySize = times.toSorted((a, b) => a.bytes - b.bytes);
  return {
    count: sizes.length,
    bytes: sum(sizes),
    ms: bySize.length === 0 ? null : sum(sizes.map((bytes) => transferTime(bytes, bySize))),
  };
}

/**
 * The time of one transfer: between two measured sizes on the line through them, below the smallest
 * as long as that, and above the largest at its rate.
 */
function transferTime(bytes: number, bySize: readonly TransferTime[]): number {
  const next = bySize.findIndex((time) => time.bytes >= bytes);
  const [above, below] = [bySize[next], bySize[next < 0 ? bySize.length - 1 : next - 1]];
  if (above === undefined) return below === undefined ? 0 : (below.ms * bytes) / below.bytes;
  if (below === undefined) return above.ms;
  const share = (bytes - below.bytes) / (above.bytes - below.bytes);
  return below.ms + share * (above.ms - below.ms);
}

import type { DeviceLimits } from "../../document/document.ts";
import { toNumber } from "../format.ts";
import type { ReportModel } from "./report-model.ts";

/** An op on the roofline plot. */
export interface RooflinePoint {
  readonly op: number;
  /** Operations per byte. */
  readonly intensity: number;
  readonly flops: number;
  /** Operations per second: what it reached, or what the limits let it reach; null for neither. */
  readonly perSecond: number | null;
  /** Milliseconds: what it took, or what it takes at least; null for neither. */
  readonly ms: number | null;
  readonly isMeasured: boolean;
}

/**
 * The ops that compute and move something. The operations are those that run: FLOPs and
 * transcendentals by `native`, each one operation (Williams, Waterman and Patterson 2009).
 */
export function rooflinePoints(model: ReportModel, limits: DeviceLimits | null): RooflinePoint[] {
  const native = model.document.conventions.find(({ name }) => name === "native");
  const { bytesRead, bytesWritten, gpuMs } = model.document.ops;
  const points: RooflinePoint[] = [];
  for (let op = 0; op < model.opCount; op++) {
    const flops =
      toNumber(native?.flops.ops[op] ?? 0) + toNumber(native?.transcendentals.ops[op] ?? 0);
    const bytes = toNumber(bytesRead[op] ?? 0) + toNumber(bytesWritten[op] ?? 0);
    if (flops === 0 || bytes === 0) continue;
    const measured = gpuMs?.[op] ?? 0;
    const leastMs =
      limits === null ? null : 1000 * Math.max(flops / limits.flops, bytes / limits.bandwidth);
    const ms = measured > 0 ? measured : leastMs;
    const perSecond = ms === null ? null : (1000 * flops) / ms;
    points.push({
      ...{ op, flops, intensity: flops / bytes },
      ...{ perSecond, ms, isMeasured: measured > 0 },
    });
  }
  return points;
}

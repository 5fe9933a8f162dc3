import type { DeviceLimits } from "../../document/document.ts";
import { toNumber } from "../format.ts";
import type { ReportModel } from "./report-model.ts";

/** An op on the roofline plot. */
export interface RooflinePoint {
  readonly op: number;
  /** Operations per byte. */
  readonly intensity: number;
  /** FLOPs and transcendentals, each one operation. */
  readonly operations: number;
  /** Operations per second: what it reached, or what the limits let it reach; null for neither. */
  readonly perSecond: number | null;
  /** Milliseconds: what it took, or what it takes at least; null for neither. */
  readonly ms: number | null;
  readonly isMeasured: boolean;
  /** What it takes at least by the limits, and what of them takes that long. */
  readonly least: { readonly ms: number; readonly bound: string } | null;
}

/**
 * The ops that compute and move something. The operations are those that run: FLOPs and
 * transcendentals by `native`, each one operation (Williams, Waterman and Patterson 2009).
 */
export function rooflinePoints(model: ReportModel, limits: DeviceLimits | null): RooflinePoint[] {
  const native = model.document.conventions.find(({ name }) => name === "native");
  const { bytesRead, bytesWritten, gpuMs, dispatches } = model.document.ops;
  const points: RooflinePoint[] = [];
  for (let op = 0; op < model.opCount; op++) {
    const work: Work = {
      flops: toNumber(native?.flops.ops[op] ?? 0),
      transcendentals: toNumber(native?.transcendentals.ops[op] ?? 0),
      bytes: toNumber(bytesRead[op] ?? 0) + toNumber(bytesWritten[op] ?? 0),
      dispatches: dispatches[op]?.length ?? 0,
    };
    const operations = work.flops + work.transcendentals;
    if (operations === 0 || work.bytes === 0) continue;
    const measured = gpuMs?.[op] ?? 0;
    const least = limits === null ? null : (predicted(model, limits, op) ?? leastOf(work, limits));
    const ms = measured > 0 ? measured : (least?.ms ?? null);
    const perSecond = ms === null ? null : (1000 * operations) / ms;
    points.push({
      ...{ op, operations, intensity: operations / work.bytes, least },
      ...{ perSecond, ms, isMeasured: measured > 0 },
    });
  }
  return points;
}

interface Work {
  readonly flops: number;
  readonly transcendentals: number;
  readonly bytes: number;
  readonly dispatches: number;
}

/** What was predicted for an op, which knows more of the device than its limits here. */
function predicted(model: ReportModel, limits: DeviceLimits, op: number): RooflinePoint["least"] {
  const { document } = model;
  const ms = limits === document.limits ? document.predicted?.leastMs[op] : null;
  if (ms == null) return null;
  return { ms, bound: document.strings[document.predicted?.bound[op] ?? -1] ?? "" };
}

/** The limit that takes longest; they overlap at best. */
function leastOf(work: Work, { flops, bandwidth, launchNs }: DeviceLimits) {
  const times = [
    { bound: "memory", ms: (1e3 * work.bytes) / bandwidth },
    { bound: "compute", ms: (1e3 * work.flops) / flops },
    { bound: "launch", ms: (work.dispatches * (launchNs ?? 0)) / 1e6 },
    { bound: "transcendentals", ms: (1e3 * work.transcendentals) / flops },
  ];
  return times.reduce((longest, time) => (time.ms > longest.ms ? time : longest));
}

import type { DeviceSpec } from "./device-spec.ts";

/** What one op, or one kernel, asks of a device. */
export interface Work {
  readonly flops: number;
  /** Those that run: a workgroup computes a whole tile of the result, whether or not it is filled. */
  readonly paddedFlops: number;
  readonly transcendentals: number;
  /** Read and written. */
  readonly bytes: number;
  readonly dispatches: number;
  /** Of the dispatch that writes the result, which is the last; null where they are not known. */
  readonly workgroups: number | null;
}

/** What can bound an op. */
export type Bound = "compute" | "transcendentals" | "memory" | "launch";

/** The least time of each thing that an op does, in milliseconds. */
export type Limits = Readonly<Record<Bound, number>>;

/**
 * How long each part of some work takes at least. The roofline model (Williams, Waterman and
 * Patterson 2009) has arithmetic and memory. The rate of arithmetic falls with the workgroups,
 * since each runs on one core of the device: min(flops, workgroups · workgroupFlops).
 *
 * @param slowdown how many times as long arithmetic takes as on a busy device.
 */
export function limitsOf(spec: DeviceSpec, work: Work, slowdown = 1): Limits {
  const { flops, workgroupFlops, bandwidth, launchNs = 0 } = spec;
  const { transcendentals = flops } = spec;
  const rate =
    workgroupFlops === undefined || work.workgroups === null
      ? flops
      : Math.min(flops, work.workgroups * workgroupFlops);
  return {
    compute: work.flops === 0 ? 0 : (1e3 * slowdown * work.flops) / rate,
    transcendentals: (1e3 * slowdown * work.transcendentals) / transcendentals,
    memory: (1e3 * work.bytes) / bandwidth,
    launch: (work.dispatches * launchNs) / 1e6,
  };
}

/** The limit that takes longest, by name; memory where others take as long, or nothing is done. */
export function boundOf(limits: Limits): Bound {
  const names = ["memory", "compute", "launch", "transcendentals"] as const;
  return names.reduce((longest, name) => (limits[name] > limits[longest] ? name : longest));
}

/** The least time of some work, in milliseconds: its limits overlap at best. */
export function leastOf({ compute, transcendentals, memory, launch }: Limits): number {
  return Math.max(compute, transcendentals, memory, launch);
}

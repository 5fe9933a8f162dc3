import type { DeviceSpec, Efficiency } from "./device-spec.ts";
import { leastOf, limitsOf, type Work } from "./limits.ts";

/** A predicted time with its spread, in milliseconds. */
export interface Expected {
  readonly ms: number;
  /** Eight of ten ops of models that the fit had not seen took between these. */
  readonly lowMs: number;
  readonly highMs: number;
}

/** How an op's time is predicted: the spec's parts, none of them missing. */
export interface TimeModel {
  readonly spec: DeviceSpec;
  readonly launchMs: number;
  /** How many times as long arithmetic takes as on a busy device. */
  readonly slowdown: number;
  readonly efficiencyOf: (program: string) => Efficiency;
}

/**
 * How ops' times are predicted on a device; undefined where its spec has no time of a launch, or
 * says of no program how near it comes to the limits.
 *
 * @param idles whether the device idles between the ops.
 */
export function timeModel(spec: DeviceSpec, idles: boolean): TimeModel | undefined {
  const { launchNs, idle, programs, otherPrograms } = spec;
  if (launchNs === undefined || programs === undefined || otherPrograms === undefined) {
    return undefined;
  }
  const known = new Map(Object.entries(programs));
  const isSlow = idles && idle !== undefined;
  return {
    spec,
    launchMs: (isSlow ? idle.launchNs : launchNs) / 1e6,
    slowdown: isSlow ? idle.slowdown : 1,
    efficiencyOf: (program) => known.get(program) ?? otherPrograms,
  };
}

/**
 * How long an op takes: the launches of its dispatches, then the greatest of arithmetic,
 * transcendentals and memory, by the efficiency of its program.
 *
 * @param program that of the op's last dispatch.
 */
export function expectedOf(model: TimeModel, work: Work, program: string): Expected {
  const { efficiency, low, high } = model.efficiencyOf(program);
  const ms = launchTime(model, work) + workTime(model, work) / efficiency;
  return { ms, lowMs: low * ms, highMs: high * ms };
}

/** The time of the launches alone, in milliseconds. */
export function launchTime({ launchMs }: TimeModel, { dispatches }: Work): number {
  return dispatches * launchMs;
}

/** The greatest of arithmetic (padding included), transcendentals and memory, in milliseconds. */
export function workTime({ spec, slowdown }: TimeModel, work: Work): number {
  // Not a copy of any object: a fit asks by the million.
  const { paddedFlops: flops, transcendentals, bytes, workgroups } = work;
  const padded = { flops, paddedFlops: flops, transcendentals, bytes, dispatches: 0, workgroups };
  return leastOf(limitsOf(spec, padded, slowdown));
}

/** The time of all. Errors of one program go the same way, so the spreads add up too. */
export function sumExpected(all: readonly Expected[]): Expected {
  const sum = (of: (each: Expected) => number) => all.reduce((total, each) => total + of(each), 0);
  return {
    ms: sum(({ ms }) => ms),
    lowMs: sum(({ lowMs }) => lowMs),
    highMs: sum(({ highMs }) => highMs),
  };
}

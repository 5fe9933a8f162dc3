import type { GpuTime } from "@opcounter/ir/core";

/** A clock whose step is shorter than this is as good as exact, in nanoseconds. */
const FINE_STEP_NS = 2000;
/** How many different times must agree on a step before it is believed. */
const LEAST_SAMPLES = 8;

/** The middle of some numbers; 0 of none. */
export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

/** Below what a share of the values lies, between neighbours in proportion. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const place = share * (sorted.length - 1);
  const [low = 0, high = low] = [sorted[Math.floor(place)], sorted[Math.ceil(place)]];
  return low + (high - low) * (place - Math.floor(place));
}

/**
 * The step of a coarse clock, from times it took, in nanoseconds: browsers round timestamps to
 * 100 µs unless a developer flag is set. Null where the clock is fine, or too few times tell.
 */
export function clockStep(times: readonly number[]): number | null {
  const nonZero = times.filter((time) => time > 0);
  if (nonZero.length < LEAST_SAMPLES) return null;
  const step = nonZero.reduce(greatestCommonDivisor);
  return step > FINE_STEP_NS ? step : null;
}

/**
 * A dispatch's time from several runs.
 *
 * On a fine clock it is the median, between the quartiles. A clock of step q shows a dispatch of
 * (k + f)·q as k or k + 1 steps, as its begin falls, which is as good as random: k + 1 in the share f
 * of the runs. So the mean of n runs is right on average, with a standard error of q·√(f(1 − f)/n),
 * at most q/(2√n). A time below twice that cannot be told from nothing.
 */
export function gpuTimeOf(samples: readonly number[], step: number | null): GpuTime {
  const runs = samples.length;
  if (step === null) {
    const [low, ns, high] = [0.25, 0.5, 0.75].map((share) => quantile(samples, share));
    return { ns: ns ?? 0, low: low ?? 0, high: high ?? 0, runs };
  }
  const mean = samples.reduce((sum, sample) => sum + sample, 0) / runs;
  const error = step / (2 * Math.sqrt(runs));
  const [low, high] = [Math.max(0, mean - 2 * error), mean + 2 * error];
  return { ns: mean < 2 * error ? null : mean, low, high, runs };
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}

import { type GpuTime, quantile } from "@opcounter/ir/core";

/** A clock with a shorter step than this counts as exact. In nanoseconds. */
const FINE_STEP_NS = 2000;
/** How many times above 0 must agree on a step before it is believed. */
const LEAST_SAMPLES = 8;

/** The median and the quartiles of some values. */
export interface Quartiles {
  readonly low: number;
  readonly median: number;
  readonly high: number;
}

/** @throws RangeError where there are no values. */
export function quartiles(values: readonly number[]): Quartiles {
  return {
    low: quantile(values, 0.25),
    median: quantile(values, 0.5),
    high: quantile(values, 0.75),
  };
}

/**
 * The step of a coarse clock in nanoseconds, from times that it measured: browsers round timestamps
 * to 100 µs unless a developer flag is set. Null where the clock is fine, or the times are too few.
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
 * On a fine clock it is the median, between the quartiles.
 *
 * A coarse clock of step q shows a dispatch of (k + f)·q, 0 ≤ f < 1, as k or k + 1 steps. Which of
 * the two depends on when the dispatch begins, which is as good as random: a share f of the runs
 * shows k + 1. So the mean of n runs is unbiased, with a standard error of q·√(f(1 − f)/n), at most
 * q/(2√n). A time below twice that bound cannot be told from zero, and is null.
 */
export function gpuTimeOf(samples: readonly number[], step: number | null): GpuTime {
  const runs = samples.length;
  if (step === null) {
    const { low, median: ns, high } = quartiles(samples);
    return { ns, low, high, runs };
  }
  const mean = samples.reduce((sum, sample) => sum + sample, 0) / runs;
  const error = step / (2 * Math.sqrt(runs));
  const [low, high] = [Math.max(0, mean - 2 * error), mean + 2 * error];
  return { ns: mean < 2 * error ? null : mean, low, high, runs };
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}

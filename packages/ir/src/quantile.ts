/**
 * The quantile of `values` at `share`, interpolated linearly.
 *
 * @throws RangeError where there are no values.
 */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const place = share * (sorted.length - 1);
  const [low, high] = [sorted[Math.floor(place)], sorted[Math.ceil(place)]];
  if (low === undefined || high === undefined) {
    throw new RangeError(`no quantile ${share} of ${values.length} values`);
  }
  return low + (high - low) * (place - Math.floor(place));
}

/** @throws RangeError where there are no values. */
export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

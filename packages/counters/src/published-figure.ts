import { readWrittenNumber } from "./expressions/written-number.ts";

/** A figure that somebody published, as precise as it is written. */
export interface PublishedFigure {
  readonly value: bigint;
  /** Half of the last digit's unit: 714.2 M stands for 714,150,000 to 714,250,000. 0 if it is exact. */
  readonly within: bigint;
}

const POWERS: Readonly<Record<string, number>> = { "": 0, k: 3, K: 3, M: 6, G: 9, B: 9, T: 12 };

/**
 * Reads a published figure: `2,914,598,912`, `714.2M`, `0.77 G`, `15e9` or `1.2e3k`. An integer without
 * an exponent or a letter is exact; all others are rounded to their last digit. Undefined for any
 * other text, and for what is no integer, such as `1.5`.
 */
export function readPublishedFigure(text: string): PublishedFigure | undefined {
  const written = readWrittenNumber(text);
  if (written === undefined || !Object.hasOwn(POWERS, written.letters)) return undefined;
  const { integer, decimals, exponent, letters } = written;
  const power = exponent + (POWERS[letters] ?? 0);
  if (decimals.length > power) return undefined;
  const unit = 10n ** BigInt(power - decimals.length);
  const value = BigInt(integer + decimals) * unit;
  return { value, within: unit / 2n };
}

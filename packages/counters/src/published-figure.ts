/** A figure that somebody published, as precise as it is written. */
export interface PublishedFigure {
  readonly value: bigint;
  /** Half of the last digit's unit: 714.2 M stands for 714,150,000 to 714,250,000. 0 if it is exact. */
  readonly within: bigint;
}

const FORM = /^(\d[\d,_]*)(?:\.(\d+))?(?:[eE]\+?(\d{1,2}))?\s*([kKMGBT])?$/;
const POWERS: Readonly<Record<string, number>> = { k: 3, K: 3, M: 6, G: 9, B: 9, T: 12 };

/**
 * Reads a published figure: `2,914,598,912`, `714.2M`, `0.77 G`, `15e9` or `1.2e3k`. An integer without
 * an exponent or a letter is exact; all others are rounded to their last digit. Undefined for any
 * other text, and for what is no integer, such as `1.5`.
 */
export function readPublishedFigure(text: string): PublishedFigure | undefined {
  const [, integer, decimals = "", exponent, letter] = FORM.exec(text) ?? [];
  if (integer === undefined) return undefined;
  const power = Number(exponent ?? 0) + (letter === undefined ? 0 : (POWERS[letter] ?? 0));
  if (decimals.length > power) return undefined;
  const unit = 10n ** BigInt(power - decimals.length);
  const value = BigInt(integer.replaceAll(/[,_]/g, "") + decimals) * unit;
  return { value, within: unit / 2n };
}

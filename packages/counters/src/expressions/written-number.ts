/** A number as people write it, in its parts. */
export interface WrittenNumber {
  /** The digits before the point, without what groups them. */
  readonly integer: string;
  /** The digits after the point. */
  readonly decimals: string;
  /** The power of ten behind an `e`; 0 without one. */
  readonly exponent: number;
  /** What follows: a letter such as M, a unit such as KiB, or nothing. */
  readonly letters: string;
}

/** A comma stands between groups of three digits: in `3,6M` it would be a point. */
const FORM = /^(\d+(?:_\d+)*|\d{1,3}(?:,\d{3})+)(?:\.(\d+))?(?:[eE]\+?(\d{1,2}))?\s*(\p{L}*)$/u;

/** Reads `2,914,598,912`, `714.2M`, `0.77 G`, `15e9` or `1.5GiB`; undefined for any other text. */
export function readWrittenNumber(text: string): WrittenNumber | undefined {
  const [, grouped, decimals = "", exponent = "0", letters = ""] = FORM.exec(text) ?? [];
  if (grouped === undefined) return undefined;
  const integer = grouped.replaceAll(/[,_]/g, "");
  return { integer, decimals, exponent: Number(exponent), letters };
}

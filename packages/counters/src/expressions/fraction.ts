import { exact } from "./integer.ts";

/** An exact fraction in lowest terms; the denominator is positive. */
export interface Fraction {
  readonly top: bigint;
  readonly bottom: bigint;
}

export function whole(value: bigint): Fraction {
  return { top: value, bottom: 1n };
}

/** The fraction that digits with a decimal point stand for: 37/10 for `3.7`. */
export function decimal(digits: string): Fraction {
  const [integer = "", decimals = ""] = digits.split(".");
  return reduced(BigInt(integer + decimals), 10n ** BigInt(decimals.length));
}

/** The fraction that a finite number is, exactly: its binary digits are halves, quarters, … */
export function fractionOfNumber(value: number | bigint): Fraction {
  let [top, bottom] = [value, 1n];
  while (typeof top === "number" && !Number.isInteger(top)) {
    top *= 2;
    bottom *= 2n;
  }
  return reduced(BigInt(top), bottom);
}

/** The fraction that a number is as it is written: 1/10 for 0.1, which no number is exactly. */
export function fractionAsWritten(value: number | bigint): Fraction {
  const digits = String(value);
  return /^\d+(\.\d+)?$/.test(digits) ? decimal(digits) : fractionOfNumber(value);
}

/** The integer that a fraction is, exact past 2^53 too; else the number that is nearest to it. */
export function numberOfFraction({ top, bottom }: Fraction): number | bigint {
  if (bottom === 1n) return exact(top);
  // Digits that a number cannot hold are taken from both, so that neither is past its range.
  const excess = BigInt(
    Math.max(0, bottom.toString(2).length - 1000, top.toString(2).length - 1000),
  );
  return Number(top >> excess) / Number(bottom >> excess);
}

export function larger(a: Fraction, b: Fraction): Fraction {
  return isLess(a, b) ? b : a;
}

export function plus(a: Fraction, b: Fraction): Fraction {
  return reduced(a.top * b.bottom + b.top * a.bottom, a.bottom * b.bottom);
}

export function minus(a: Fraction, b: Fraction): Fraction {
  return reduced(a.top * b.bottom - b.top * a.bottom, a.bottom * b.bottom);
}

export function times(a: Fraction, b: Fraction): Fraction {
  return reduced(a.top * b.top, a.bottom * b.bottom);
}

/** @throws Error where b is 0. */
export function over(a: Fraction, b: Fraction): Fraction {
  return reduced(a.top * b.bottom, a.bottom * b.top);
}

export function floorOf({ top, bottom }: Fraction): bigint {
  const quotient = top / bottom;
  return top < 0n && quotient * bottom !== top ? quotient - 1n : quotient;
}

export function ceilOf({ top, bottom }: Fraction): bigint {
  return -floorOf({ top: -top, bottom });
}

export function isLess(a: Fraction, b: Fraction): boolean {
  return a.top * b.bottom < b.top * a.bottom;
}

function reduced(top: bigint, bottom: bigint): Fraction {
  if (bottom === 0n) throw new Error("a division by zero");
  if (bottom === 1n) return { top, bottom };
  const divisor = greatestCommonDivisor(top < 0n ? -top : top, bottom < 0n ? -bottom : bottom);
  const sign = bottom < 0n ? -1n : 1n;
  return { top: (sign * top) / divisor, bottom: (sign * bottom) / divisor };
}

function greatestCommonDivisor(a: bigint, b: bigint): bigint {
  let [greater, less] = [a, b];
  while (less !== 0n) [greater, less] = [less, greater % less];
  return greater;
}

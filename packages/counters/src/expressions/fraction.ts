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
  return b === 0n ? a : greatestCommonDivisor(b, a % b);
}

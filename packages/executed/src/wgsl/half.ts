/** The nearest 16-bit float, as a number; halves go to even. Node 20 has no Math.f16round. */
export function toHalf(value: number): number {
  const size = Math.abs(value);
  if (!(size < OVERFLOW))
    return Number.isNaN(value) ? value : Math.sign(value) * Number.POSITIVE_INFINITY;
  if (size === 0) return value;
  const exponent = Math.max(Math.floor(Math.log2(size)), -14);
  const unit = 2 ** (exponent - 10);
  return Math.sign(value) * roundToEven(size / unit) * unit;
}

/** The least that is rounded to infinity. */
const OVERFLOW = 65_520;

/** Rounds to an integer; halves go to the even one. */
export function roundToEven(value: number): number {
  const near = Math.round(value);
  return Math.abs(value - Math.trunc(value)) === 0.5 && near % 2 !== 0 ? near - 1 : near;
}

/** The 16 bits of a 16-bit float. Source: IEEE 754, binary16. */
export function halfBits(value: number): number {
  const sign = value < 0 || Object.is(value, -0) ? 0x8000 : 0;
  const half = Math.abs(toHalf(value));
  if (Number.isNaN(half)) return 0x7e00;
  if (half === Number.POSITIVE_INFINITY) return sign | 0x7c00;
  if (half < 2 ** -14) return sign | (half * 2 ** 24);
  const exponent = Math.floor(Math.log2(half));
  return sign | ((exponent + 15) << 10) | ((half / 2 ** exponent - 1) * 1024);
}

/** The 16-bit float that has these bits. */
export function halfOf(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 31) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

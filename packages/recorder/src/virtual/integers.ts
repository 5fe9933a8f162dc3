/**
 * A number as WebGPU takes it where it wants an integer: what stands after the point is cut off.
 * Source: Web IDL, "[EnforceRange]".
 *
 * @param bits how many the integer has: `unsigned long` has 32, `unsigned long long` 53 at most.
 * @throws TypeError where it is not a number, negative or too large.
 */
export function enforceRange(value: number, bits: 32 | 53, what: string): number {
  const integer = Math.trunc(value);
  if (integer >= 0 && integer < 2 ** bits) return integer;
  throw new TypeError(`${value} is no ${what}: it is an integer from 0 to 2^${bits} − 1`);
}

/**
 * An exact whole number: a `number` up to 2^53 − 1, a `bigint` beyond. Never rounded.
 * `Number(value)` and `BigInt(value)` take either.
 */
export type Integer = number | bigint;

/** The narrowest exact form of a whole number. */
export function exact(value: bigint): Integer {
  const isSafe =
    value <= BigInt(Number.MAX_SAFE_INTEGER) && value >= -BigInt(Number.MAX_SAFE_INTEGER);
  return isSafe ? Number(value) : value;
}

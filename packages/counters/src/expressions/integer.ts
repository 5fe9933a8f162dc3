import { BYTES_PER_ELEMENT, type Shape, sizeOf, type TensorType } from "@opcounter/ir/core";

/**
 * An exact integer: a `number` up to 2^53 − 1, a `bigint` beyond. Never rounded.
 * `Number(value)` and `BigInt(value)` take either.
 */
export type Integer = number | bigint;

/** The narrowest exact form of an integer. */
export function exact(value: bigint): Integer {
  const isSafe =
    value <= BigInt(Number.MAX_SAFE_INTEGER) && value >= -BigInt(Number.MAX_SAFE_INTEGER);
  return isSafe ? Number(value) : value;
}

/** The exact sum. */
export function plus(a: Integer, b: Integer): Integer {
  if (typeof a === "number" && typeof b === "number") {
    const sum = a + b;
    if (Number.isSafeInteger(sum)) return sum;
  }
  return exact(BigInt(a) + BigInt(b));
}

/** The exact sum of some. */
export function total(values: Iterable<Integer>): Integer {
  let sum: Integer = 0;
  for (const value of values) sum = plus(sum, value);
  return sum;
}

/** Elements of a tensor of this shape, exact past 2^53 too. */
export function exactSize(shape: Shape): bigint {
  const size = sizeOf(shape);
  // Numbers are exact up to there, and much faster; a graph may have millions of values.
  if (Number.isSafeInteger(size)) return BigInt(size);
  return shape.reduce((product, dimension) => product * BigInt(dimension), 1n);
}

/** Bytes of a tensor of this type on the device, exact past 2^53 too. */
export function exactBytes({ shape, dtype }: TensorType): bigint {
  return exactSize(shape) * BigInt(BYTES_PER_ELEMENT[dtype]);
}

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

/** The exact difference; of what need be no integers, such as times, as numbers are subtracted. */
export function minus(a: Integer, b: Integer): Integer {
  const areWhole = [a, b].every((value) => typeof value === "bigint" || Number.isInteger(value));
  return areWhole ? exact(BigInt(a) - BigInt(b)) : Number(a) - Number(b);
}

/** The exact product. */
export function times(a: Integer, b: Integer): Integer {
  if (typeof a === "number" && typeof b === "number") {
    const product = a * b;
    if (Number.isSafeInteger(product)) return product;
  }
  return exact(BigInt(a) * BigInt(b));
}

/** The exact sum of some. */
export function total(values: Iterable<Integer>): Integer {
  let sum: Integer = 0;
  for (const value of values) sum = plus(sum, value);
  return sum;
}

/** Elements of a tensor of this shape. */
export function elementsOf(shape: Shape): Integer {
  const size = sizeOf(shape);
  return Number.isSafeInteger(size) ? size : shape.reduce<Integer>(times, 1);
}

/** Bytes of a tensor of this type on the device. */
export function bytesOf({ shape, dtype }: TensorType): Integer {
  return times(elementsOf(shape), BYTES_PER_ELEMENT[dtype]);
}

/** As `elementsOf`, for sums in big integers. */
export function exactSize(shape: Shape): bigint {
  return BigInt(elementsOf(shape));
}

/** As `bytesOf`, for sums in big integers. */
export function exactBytes(type: TensorType): bigint {
  return BigInt(bytesOf(type));
}

import { type DType, type Shape, sizeOf, type TensorType } from "@opcounter/ir";
import fc from "fast-check";

/** A tensor with its elements in row-major order. A complex number is two: real, imaginary. */
export interface Dense extends TensorType {
  readonly values: readonly number[];
}

/** Every index of a shape in row-major order. */
export function* indicesOf(shape: Shape): Generator<readonly number[]> {
  if (shape.includes(0)) return;
  const index = shape.map(() => 0);
  for (;;) {
    yield [...index];
    let axis = shape.length - 1;
    while (axis >= 0 && index[axis] === (shape[axis] ?? 1) - 1) index[axis--] = 0;
    if (axis < 0) return;
    index[axis] = (index[axis] ?? 0) + 1;
  }
}

/** The place of an index in row-major order. */
export function offsetOf(shape: Shape, index: readonly number[]): number {
  return shape.reduce((offset, length, axis) => offset * length + (index[axis] ?? 0), 0);
}

/** The element at an index. */
export function at({ shape, values }: Dense, ...index: readonly number[]): number {
  const value = values[offsetOf(shape, index)];
  if (value === undefined) throw new RangeError(`[${index}] is not in [${shape}]`);
  return value;
}

/** The element at an index of a shape that the tensor is broadcast to. */
export function broadcastAt(tensor: Dense, index: readonly number[]): number {
  const { shape } = tensor;
  const own = index.slice(index.length - shape.length);
  return at(tensor, ...own.map((place, axis) => (shape[axis] === 1 ? 0 : place)));
}

/** An element for each index of a shape, in order. */
export function fill(shape: Shape, element: (index: readonly number[]) => number): number[] {
  const values: number[] = [];
  for (const index of indicesOf(shape)) values.push(element(index));
  return values;
}

/** Zeros to add to, by index. */
export class Accumulator {
  readonly values: number[];

  constructor(
    readonly shape: Shape,
    initial = 0,
  ) {
    this.values = Array.from({ length: sizeOf(shape) }, () => initial);
  }

  update(index: readonly number[], change: (value: number) => number): void {
    const offset = offsetOf(this.shape, index);
    const value = this.values[offset];
    if (value === undefined) throw new RangeError(`[${index}] is not in [${this.shape}]`);
    this.values[offset] = change(value);
  }
}

export function isInside(shape: Shape, index: readonly number[]): boolean {
  return index.every((place, axis) => place >= 0 && place < (shape[axis] ?? 0));
}

/** The shape that two shapes broadcast to. */
export function broadcastShape(a: Shape, b: Shape): number[] {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, axis) => {
    const ofA = a[axis - rank + a.length] ?? 1;
    return ofA === 1 ? (b[axis - rank + b.length] ?? 1) : ofA;
  });
}

// What is drawn at random. The elements come from one drawn seed: thousands of drawn numbers
// would be slow, and shrinking them would not make a counterexample clearer.

/** Elements in (−4, 4) that are multiples of 1/4, so that sums and products are exact in float32. */
export function dense(shape: Shape, dtype: DType = "float32"): fc.Arbitrary<Dense> {
  return denseWith(shape, dtype, (random) => {
    if (dtype === "bool") return random(2);
    return dtype === "int32" ? random(31) - 15 : (random(31) - 15) / 4;
  });
}

/** Elements by a function of a random source: `random(n)` is a whole number below n. */
export function denseWith(
  shape: Shape,
  dtype: DType,
  element: (random: (below: number) => number, position: number) => number,
): fc.Arbitrary<Dense> {
  const length = sizeOf(shape) * (dtype === "complex64" ? 2 : 1);
  return fc.nat().map((seed) => {
    const random = randomSource(seed);
    return { dtype, shape, values: Array.from({ length }, (_, i) => element(random, i)) };
  });
}

/** Elements of which no two are equal, for kernels that look for the greatest. */
export function distinct(shape: Shape, dtype: DType = "float32"): fc.Arbitrary<Dense> {
  const length = sizeOf(shape);
  return fc.nat().map((seed) => {
    const random = randomSource(seed);
    const scale = dtype === "int32" ? 1 : 8;
    const values = Array.from({ length }, (_, i) => (i - (length >> 1)) / scale);
    for (let i = length - 1; i > 0; i--) {
      const j = random(i + 1);
      [values[i], values[j]] = [values[j] ?? 0, values[i] ?? 0];
    }
    return { dtype, shape, values };
  });
}

/** A linear congruential generator; its high bits are random enough for test data. */
function randomSource(seed: number): (below: number) => number {
  let state = BigInt(seed);
  return (below) => {
    state = (state * 6364136223846793005n + 1442695040888963407n) & 0xffff_ffff_ffff_ffffn;
    return Number((state >> 33n) % BigInt(below));
  };
}

export const length = fc.integer({ min: 1, max: 4 });

/** A shape of minRank to maxRank dimensions, each from 1 to 4. */
export function shapes(minRank: number, maxRank: number): fc.Arbitrary<number[]> {
  return fc.array(length, { minLength: minRank, maxLength: maxRank });
}

/** As `shapes`, and some without elements. */
export function maybeEmptyShapes(minRank: number, maxRank: number): fc.Arbitrary<number[]> {
  return fc.array(fc.integer({ min: 0, max: 3 }), { minLength: minRank, maxLength: maxRank });
}

/** Two shapes that broadcast to one. */
export const broadcastable: fc.Arbitrary<readonly [number[], number[]]> = shapes(0, 4).chain(
  (shape) =>
    fc
      .tuple(
        fc.array(fc.boolean(), { minLength: shape.length, maxLength: shape.length }),
        fc.integer({ min: 0, max: shape.length }),
        fc.boolean(),
      )
      .map(([stretched, omitted, swaps]) => {
        const other = shape.map((d, axis) => (stretched[axis] ? 1 : d)).slice(omitted);
        return swaps ? ([other, shape] as const) : ([shape, other] as const);
      }),
);

/** The element types a tensor can have, named as TensorFlow.js names them. */
export const DTYPES = ["float32", "int32", "bool", "complex64", "string"] as const;
export type DType = (typeof DTYPES)[number];

/** Dimensions, outermost first. Always concrete: a graph records one execution. */
export type Shape = readonly number[];

export interface TensorType {
  readonly dtype: DType;
  readonly shape: Shape;
}

/** Number of elements of a tensor of this shape; 1 for a scalar. */
export function sizeOf(shape: Shape): number {
  let size = 1;
  // By index: V8 makes an object per step of an iteration that it has not specialised. Those were half
  // of what counting a graph allocates.
  for (let axis = 0; axis < shape.length; axis++) size *= shape[axis] ?? Number.NaN;
  return size;
}

/**
 * Bytes one element takes in memory on the WebGPU backend, which stores booleans as 32-bit
 * integers. Strings never reach the GPU and have no fixed size: they count as 0.
 */
export const BYTES_PER_ELEMENT: Readonly<Record<DType, number>> = {
  float32: 4,
  int32: 4,
  bool: 4,
  complex64: 8,
  string: 0,
};

/** The types that a TensorFlow.js weights manifest quantizes to. */
export const STORED_TYPES = ["uint8", "uint16", "float16"] as const;
export type StoredType = (typeof STORED_TYPES)[number];

/** Bytes one element takes in a weight file. Strings have no fixed size: they count as 0. */
export const STORED_BYTES_PER_ELEMENT: Readonly<Record<DType | StoredType, number>> = {
  ...BYTES_PER_ELEMENT,
  bool: 1,
  uint8: 1,
  uint16: 2,
  float16: 2,
};

/** Bytes of a tensor of this type on the device. */
export function bytesOf(type: TensorType): number {
  return sizeOf(type.shape) * BYTES_PER_ELEMENT[type.dtype];
}

export function sameShape(a: Shape, b: Shape): boolean {
  if (a.length !== b.length) return false;
  for (let axis = 0; axis < a.length; axis++) if (a[axis] !== b[axis]) return false;
  return true;
}

const SHORT_DTYPE: Readonly<Record<DType, string>> = {
  float32: "f32",
  int32: "i32",
  bool: "bool",
  complex64: "c64",
  string: "string",
};

/** A type as the text form writes it: `f32[1,224,224,3]`; a scalar is `f32[]`. */
export function formatType(type: TensorType): string {
  return `${SHORT_DTYPE[type.dtype]}[${type.shape.join(",")}]`;
}

/** The dtype of a short or long name (`f32`, `float32`), or undefined where there is none. */
export function parseDType(name: string): DType | undefined {
  return DTYPES.find((dtype) => dtype === name || SHORT_DTYPE[dtype] === name);
}

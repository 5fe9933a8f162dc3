import { sizeOf, type TensorType } from "@opcounter/ir/core";
import type { BackendValues } from "@tensorflow/tfjs-core";

/** The real (0) or imaginary (1) parts of complex numbers, which tfjs gives as pairs of floats. */
export function partOf(values: BackendValues, place: 0 | 1): Float32Array {
  // Sound: tfjs keeps complex numbers as floats.
  return (values as Float32Array).filter((_, i) => i % 2 === place);
}

/** How many numbers hold a tensor's elements: two per complex element, one per other element. */
export function arrayLength({ shape, dtype }: TensorType): number {
  return sizeOf(shape) * (dtype === "complex64" ? 2 : 1);
}

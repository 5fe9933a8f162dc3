import { STORED_BYTES_PER_ELEMENT, STORED_TYPES, sizeOf } from "@opcounter/ir/core";
import * as z from "zod";

/** One tensor of a weights manifest, as TensorFlow.js's model.json describes it. */
const weightSpec = z.looseObject({
  name: z.string(),
  shape: z.array(z.int().nonnegative()),
  dtype: z.enum(["float32", "int32", "bool", "string", "complex64"]),
  quantization: z.looseObject({ dtype: z.enum(STORED_TYPES) }).optional(),
});

const weightGroup = z.looseObject({ paths: z.array(z.string()), weights: z.array(weightSpec) });
export type WeightGroup = z.output<typeof weightGroup>;

/** The parts of a model.json that loading depends on. tfjs checks the others. */
export const modelJson = z.looseObject({
  format: z.string().optional(),
  modelTopology: z.record(z.string(), z.unknown()),
  weightsManifest: z.array(weightGroup).default([]),
});
export type ModelJson = z.output<typeof modelJson>;

/** The bytes of a group's weights in its files; undefined for strings, whose sizes vary. */
export function storedBytes(group: WeightGroup): number | undefined {
  let bytes = 0;
  for (const { shape, dtype, quantization } of group.weights) {
    if (dtype === "string") return undefined;
    bytes += sizeOf(shape) * STORED_BYTES_PER_ELEMENT[quantization?.dtype ?? dtype];
  }
  return bytes;
}

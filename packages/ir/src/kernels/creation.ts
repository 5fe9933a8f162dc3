import { z } from "zod";
import { kernel } from "../kernel.ts";
import { dtype, integers, none, real } from "./attributes.ts";
import { float32, int32, same } from "./shapes.ts";

export const fill = kernel("Fill", {
  operands: {},
  attrs: () => z.strictObject({ shape: integers, value: z.union([real, z.string()]), dtype }),
  infer: (_, attrs) => [{ dtype: attrs.dtype, shape: attrs.shape }],
});

export const linSpace = kernel("LinSpace", {
  operands: {},
  attrs: () => z.strictObject({ start: real, stop: real, num: z.int() }),
  infer: (_, { num }) => [float32([num])],
});

export const range = kernel("Range", {
  operands: {},
  attrs: () =>
    z.strictObject({
      start: z.number(),
      stop: z.number(),
      step: z.number(),
      dtype: z.enum(["float32", "int32"]),
    }),
  infer: (_, { start, stop, step, dtype }) => {
    const count = start === stop || Math.sign(stop - start) !== Math.sign(step);
    return [{ dtype, shape: [count ? 0 : Math.abs(Math.ceil((stop - start) / step))] }];
  },
});

export const oneHot = kernel("OneHot", {
  operands: { indices: "required" },
  attrs: () => z.strictObject({ depth: z.int(), onValue: real, offValue: real, dtype }),
  infer: ({ indices }, { depth, dtype }) => [{ dtype, shape: [...indices.shape, depth] }],
});

export const onesLike = kernel("OnesLike", {
  operands: { x: "required" },
  attrs: none,
  infer: ({ x }) => [same(x)],
});

export const zerosLike = kernel("ZerosLike", {
  operands: { x: "required" },
  attrs: none,
  infer: ({ x }) => [same(x)],
});

/** Reads pixels of an image, which is no tensor: the result's shape is the image's. */
export const fromPixels = kernel("FromPixels", {
  operands: {},
  attrs: () => z.strictObject({ numChannels: z.int() }),
  infer: () => undefined,
});

/** Draws an image tensor on a canvas; the tensor is passed on. */
export const draw = kernel("Draw", {
  operands: { image: "required" },
  attrs: () => z.strictObject({ canvas: z.unknown(), options: z.unknown().exactOptional() }),
  infer: ({ image }) => [same(image)],
});

export const stringToHashBucketFast = kernel("StringToHashBucketFast", {
  operands: { input: "required" },
  attrs: () => z.strictObject({ numBuckets: z.int() }),
  infer: ({ input }) => [int32(input.shape)],
});

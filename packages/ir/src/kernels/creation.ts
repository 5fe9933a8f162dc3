import { kernel } from "../kernel.ts";
import { float32, int32, same } from "./shapes.ts";

export const fill = kernel("Fill", {
  operands: {},
  work: { kind: "creation" },
  host: "cpu",
  attrs: (a) =>
    a.strictObject({ shape: a.integers, value: a.union([a.real, a.string()]), dtype: a.dtype }),
  infer: (_, attrs) => [{ dtype: attrs.dtype, shape: attrs.shape }],
});

export const linSpace = kernel("LinSpace", {
  operands: {},
  work: { kind: "computation" },
  host: "cpu",
  attrs: (a) => a.strictObject({ start: a.real, stop: a.real, num: a.int() }),
  infer: (_, { num }) => [float32([num])],
});

export const range = kernel("Range", {
  operands: {},
  work: { kind: "computation" },
  host: "cpu",
  attrs: (a) =>
    a.strictObject({
      start: a.number(),
      stop: a.number(),
      step: a.number(),
      dtype: a.enum(["float32", "int32"]),
    }),
  infer: (_, { start, stop, step, dtype }) => {
    const count = start === stop || Math.sign(stop - start) !== Math.sign(step);
    return [{ dtype, shape: [count ? 0 : Math.abs(Math.ceil((stop - start) / step))] }];
  },
});

export const oneHot = kernel("OneHot", {
  operands: { indices: "required" },
  work: { kind: "computation" },
  host: "cpu",
  attrs: (a) =>
    a.strictObject({ depth: a.int(), onValue: a.real, offValue: a.real, dtype: a.dtype }),
  infer: ({ indices }, { depth, dtype }) => [{ dtype, shape: [...indices.shape, depth] }],
});

export const onesLike = kernel("OnesLike", {
  operands: { x: "required" },
  work: { kind: "creation" },
  host: "cpu",
  attrs: (a) => a.none,
  infer: ({ x }) => [same(x)],
});

export const zerosLike = kernel("ZerosLike", {
  operands: { x: "required" },
  work: { kind: "creation" },
  host: "cpu",
  attrs: (a) => a.none,
  infer: ({ x }) => [same(x)],
});

/** Reads the pixels of an image, which is no tensor. The image decides the shape of the result. */
export const fromPixels = kernel("FromPixels", {
  operands: {},
  work: { kind: "computation" },
  host: "cpu",
  attrs: (a) => a.strictObject({ numChannels: a.int() }),
  infer: () => undefined,
});

/** Draws an image tensor on a canvas. Its result is the tensor. */
export const draw = kernel("Draw", {
  operands: { image: "required" },
  work: { kind: "computation" },
  host: "cpu",
  attrs: (a) => a.strictObject({ canvas: a.unknown(), options: a.exactOptional(a.unknown()) }),
  infer: ({ image }) => [same(image)],
});

export const stringToHashBucketFast = kernel("StringToHashBucketFast", {
  operands: { input: "required" },
  work: { kind: "computation" },
  host: "cpu",
  attrs: (a) => a.strictObject({ numBuckets: a.int() }),
  infer: ({ input }) => [int32(input.shape)],
});

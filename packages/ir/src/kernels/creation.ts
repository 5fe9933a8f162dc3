import { kernel } from "../kernel.ts";
import {
  anything,
  dtype,
  either,
  integer,
  integers,
  none,
  number,
  oneOf,
  optional,
  real,
  string,
} from "./attribute-types.ts";
import { float32, int32, same } from "./shapes.ts";

export const fill = kernel("Fill", {
  operands: {},
  work: { kind: "creation" },
  host: "cpu",
  attrs: { shape: integers, value: either(real, string), dtype: dtype },
  infer: (_, attrs) => [{ dtype: attrs.dtype, shape: attrs.shape }],
});

export const linSpace = kernel("LinSpace", {
  operands: {},
  work: { kind: "computation" },
  host: "cpu",
  attrs: { start: real, stop: real, num: integer },
  infer: (_, { num }) => [float32([num])],
});

export const range = kernel("Range", {
  operands: {},
  work: { kind: "computation" },
  host: "cpu",
  attrs: {
    start: number,
    stop: number,
    step: number,
    dtype: oneOf("float32", "int32"),
  },
  infer: (_, { start, stop, step, dtype }) => {
    const count = start === stop || Math.sign(stop - start) !== Math.sign(step);
    return [{ dtype, shape: [count ? 0 : Math.abs(Math.ceil((stop - start) / step))] }];
  },
});

export const oneHot = kernel("OneHot", {
  operands: { indices: "required" },
  work: { kind: "computation" },
  host: "cpu",
  attrs: { depth: integer, onValue: real, offValue: real, dtype: dtype },
  infer: ({ indices }, { depth, dtype }) => [{ dtype, shape: [...indices.shape, depth] }],
});

export const onesLike = kernel("OnesLike", {
  operands: { x: "required" },
  work: { kind: "creation" },
  host: "cpu",
  attrs: none,
  infer: ({ x }) => [same(x)],
});

export const zerosLike = kernel("ZerosLike", {
  operands: { x: "required" },
  work: { kind: "creation" },
  host: "cpu",
  attrs: none,
  infer: ({ x }) => [same(x)],
});

/** Reads the pixels of an image, which is no tensor. The image decides the shape of the result. */
export const fromPixels = kernel("FromPixels", {
  operands: {},
  work: { kind: "computation" },
  host: "cpu",
  attrs: { numChannels: integer },
  infer: () => undefined,
});

/** Draws an image tensor on a canvas. Its result is the tensor. */
export const draw = kernel("Draw", {
  operands: { image: "required" },
  work: { kind: "computation" },
  host: "cpu",
  attrs: { canvas: anything, options: optional(anything) },
  infer: ({ image }) => [same(image)],
});

export const stringToHashBucketFast = kernel("StringToHashBucketFast", {
  operands: { input: "required" },
  work: { kind: "computation" },
  host: "cpu",
  attrs: { numBuckets: integer },
  infer: ({ input }) => [int32(input.shape)],
});

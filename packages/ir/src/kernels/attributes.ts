import { z } from "zod";
import { DTYPES } from "../types.ts";

/** Schemas of attributes that many kernels share, named as TensorFlow.js names them. */

/** Any number a program can pass: padding with −Infinity is common, and zod's own excludes it. */
export const real = z.union([z.number(), z.nan(), z.literal([Infinity, -Infinity])]);
export const integers = z.array(z.int());
export const pair = z.tuple([z.number(), z.number()]);
export const triple = z.tuple([z.number(), z.number(), z.number()]);
/** A stride, dilation or window: one number for all spatial axes, or one each. */
export const spatial2d = z.union([pair, z.number()]);
export const spatial3d = z.union([triple, z.number()]);
export const axes = z.union([z.int(), integers]);
/** Axes of a reduction: `tf.sum(x)` passes null, which means all. */
export const axesOrAll = axes.nullable();
export const dtype = z.enum(DTYPES);
export const roundingMode = z.enum(["floor", "round", "ceil"]);
export const dataFormat2d = z.enum(["NHWC", "NCHW"]);
export const dataFormat3d = z.enum(["NDHWC", "NCDHW"]);
export const implicitPadding = z.union([z.literal("valid"), z.literal("same")]);
/** Explicit padding gives before and after for each of the four dimensions. */
export const padding2d = z.union([implicitPadding, z.number(), z.tuple([pair, pair, pair, pair])]);
export const padding3d = z.union([implicitPadding, z.number()]);
export const activation = z.enum([
  "linear",
  "relu",
  "prelu",
  "elu",
  "relu6",
  "leakyrelu",
  "sigmoid",
]);
export const shape4d = z.tuple([z.int(), z.int(), z.int(), z.int()]);
export const shape5d = z.tuple([z.int(), z.int(), z.int(), z.int(), z.int()]);

/** The schema of kernels without attributes. tfjs gives some of them an empty record. */
export const none = () => z.strictObject({});

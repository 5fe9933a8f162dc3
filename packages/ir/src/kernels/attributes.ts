import { z } from "zod";

/** Schemas of attributes that many kernels share, named as TensorFlow.js names them. */
export const integers = z.array(z.int());
export const pair = z.tuple([z.number(), z.number()]);
export const triple = z.tuple([z.number(), z.number(), z.number()]);
/** A stride, dilation or window: one number for all spatial axes, or one each. */
export const spatial2d = z.union([z.number(), pair]);
export const spatial3d = z.union([z.number(), triple]);

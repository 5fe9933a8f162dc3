import {
  array,
  boolean,
  enum as enumOf,
  exactOptional,
  int,
  literal,
  nan,
  nullable,
  number,
  strictObject,
  string,
  tuple,
  union,
  unknown,
} from "zod/mini";
import { DTYPES } from "../types.ts";

/**
 * What kernels declare their attributes with: zod's builders, and the schemas that many kernels
 * share. A declaration gets this record when something is validated. It does not import it, so a
 * program that only traces and counts loads no zod.
 */
export type AttributeSchemas = ReturnType<typeof makeAttributeSchemas>;

let made: AttributeSchemas | undefined;

/** The one record of schemas, made on first use. */
export function attributeSchemas(): AttributeSchemas {
  made ??= makeAttributeSchemas();
  return made;
}

function makeAttributeSchemas() {
  const builders = {
    array,
    boolean,
    enum: enumOf,
    exactOptional,
    int,
    nullable,
    number,
    strictObject,
    string,
    union,
    unknown,
  };
  // Names below are those of TensorFlow.js.
  /** Any number a program can pass: padding with −Infinity is common, and zod's own excludes it. */
  const real = union([number(), nan(), literal([Infinity, -Infinity])]);
  const integers = array(int());
  const pair = tuple([number(), number()]);
  const triple = tuple([number(), number(), number()]);
  const axes = union([int(), integers]);
  const implicitPadding = union([literal("valid"), literal("same")]);
  return {
    ...builders,
    real,
    integers,
    pair,
    triple,
    /** A stride, dilation or window: one number for all spatial axes, or one per axis. */
    spatial2d: union([pair, number()]),
    spatial3d: union([triple, number()]),
    axes,
    /** Axes of a reduction: `tf.sum(x)` passes null, which means all. */
    axesOrAll: nullable(axes),
    dtype: enumOf(DTYPES),
    roundingMode: enumOf(["floor", "round", "ceil"]),
    dataFormat2d: enumOf(["NHWC", "NCHW"]),
    dataFormat3d: enumOf(["NDHWC", "NCDHW"]),
    implicitPadding,
    /** Explicit padding gives before and after for each of the four dimensions. */
    padding2d: union([implicitPadding, number(), tuple([pair, pair, pair, pair])]),
    padding3d: union([implicitPadding, number()]),
    activation: enumOf(["linear", "relu", "prelu", "elu", "relu6", "leakyrelu", "sigmoid"]),
    shape4d: tuple([int(), int(), int(), int()]),
    shape5d: tuple([int(), int(), int(), int(), int()]),
    /** A kernel without attributes. tfjs gives some of them an empty record. */
    none: strictObject({}),
  };
}

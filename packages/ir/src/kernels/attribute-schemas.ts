import {
  number as anyNumber,
  array,
  boolean,
  exactOptional,
  finite,
  integer,
  literal,
  nan,
  nullable,
  picklist,
  pipe,
  strictObject,
  string,
  tuple,
  union,
  unknown,
} from "valibot";
import { DTYPES } from "../types.ts";

/**
 * What kernels declare their attributes with: a validator's builders, and the schemas that many
 * kernels share. A declaration gets this record when something is validated. It does not import it,
 * so a program that only traces and counts loads no validator.
 *
 * The validator is valibot, of which a page that verifies carries 2 kB where zod's smallest part
 * takes 9; zod reads files.
 */
export type AttributeSchemas = ReturnType<typeof makeAttributeSchemas>;

let made: AttributeSchemas | undefined;

/** The one record of schemas, made on first use. */
export function attributeSchemas(): AttributeSchemas {
  made ??= makeAttributeSchemas();
  return made;
}

const number = () => pipe(anyNumber(), finite());
const int = () => pipe(anyNumber(), integer());

function makeAttributeSchemas() {
  const builders = {
    array,
    boolean,
    enum: picklist,
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
  /** Any number a program can pass: padding with −Infinity is common. */
  const real = union([anyNumber(), nan()]);
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
    dtype: picklist(DTYPES),
    roundingMode: picklist(["floor", "round", "ceil"]),
    dataFormat2d: picklist(["NHWC", "NCHW"]),
    dataFormat3d: picklist(["NDHWC", "NCDHW"]),
    implicitPadding,
    /** Explicit padding gives before and after for each of the four dimensions. */
    padding2d: union([implicitPadding, number(), tuple([pair, pair, pair, pair])]),
    padding3d: union([implicitPadding, number()]),
    activation: picklist(["linear", "relu", "prelu", "elu", "relu6", "leakyrelu", "sigmoid"]),
    shape4d: tuple([int(), int(), int(), int()]),
    shape5d: tuple([int(), int(), int(), int(), int()]),
    /** A kernel without attributes. tfjs gives some of them an empty record. */
    none: strictObject({}),
  };
}

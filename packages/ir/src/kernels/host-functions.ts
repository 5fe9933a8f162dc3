import { kernel } from "../kernel.ts";
import { none } from "./attribute-types.ts";

/**
 * Functions that TensorFlow.js computes on the host without a kernel, under the names of TensorFlow's
 * ops. They read values, and values decide the length of their results. Non-maximum suppression is
 * such a function too, `tf.image.nonMaxSuppressionAsync`; it has kernels of the same definition.
 */

/** `tf.whereAsync`, which `tf.booleanMaskAsync` calls: the places of what is true. */
export const where = kernel("Where", {
  operands: { condition: "required" },
  work: { kind: "computation" },
  host: "opcounter",
  attrs: none,
  infer: () => undefined,
});

/** `tf.setdiff1dAsync`: the elements of x that y does not have, and their places. */
export const listDiff = kernel("ListDiff", {
  operands: { x: "required", y: "required" },
  work: { kind: "computation" },
  host: "opcounter",
  attrs: none,
  infer: () => undefined,
});

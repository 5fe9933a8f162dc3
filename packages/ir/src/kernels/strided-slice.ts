import type { Shape } from "../types.ts";
import { elementOf, lengthOf } from "./shapes.ts";

interface StridedSlice {
  readonly begin: readonly number[];
  readonly end: readonly number[];
  /** One per entry; all are 1 where absent. */
  readonly strides?: readonly number[];
  readonly beginMask: number;
  readonly endMask: number;
  readonly ellipsisMask: number;
  readonly newAxisMask: number;
  readonly shrinkAxisMask: number;
}

/**
 * The shape of `x[begin:end:strides]`, as TensorFlow defines the op StridedSlice. Bit i of a mask
 * is about the i-th entry. By mask: begin at the start, end at the end, the entry is `...` (all
 * axes that no entry names), insert an axis of 1, or drop the axis.
 */
export function strided(x: Shape, slice: StridedSlice): number[] {
  const has = (mask: number, i: number) => (mask & (1 << i)) !== 0;
  const entries = slice.begin.length;
  const ellipsisAt = Array.from({ length: entries }, (_, i) => i).find((i) =>
    has(slice.ellipsisMask, i),
  );
  const newAxes = (from: number, to: number) =>
    Array.from({ length: to - from }, (_, i) => from + i).filter((i) => has(slice.newAxisMask, i))
      .length;
  const shape: number[] = [];
  let axis = 0;
  for (let i = 0; i < entries; i++) {
    if (i === ellipsisAt) {
      const named = entries - i - 1 - newAxes(i + 1, entries);
      while (axis < x.length - named) shape.push(lengthOf(x, axis++));
    } else if (has(slice.newAxisMask, i)) {
      shape.push(1);
    } else {
      const length = sliceLength(lengthOf(x, axis++), slice, i, has);
      if (!has(slice.shrinkAxisMask, i)) shape.push(length);
    }
  }
  return [...shape, ...x.slice(axis)];
}

/** How many elements of a dimension one entry takes. */
function sliceLength(
  dimension: number,
  { begin, end, strides, beginMask, endMask }: StridedSlice,
  i: number,
  has: (mask: number, i: number) => boolean,
): number {
  const stride = strides === undefined ? 1 : elementOf(strides, i);
  const lowest = stride > 0 ? 0 : -1;
  const highest = stride > 0 ? dimension : dimension - 1;
  const place = (index: number) =>
    Math.min(Math.max(index < 0 ? index + dimension : index, lowest), highest);
  const from = has(beginMask, i) ? (stride > 0 ? lowest : highest) : place(elementOf(begin, i));
  const to = has(endMask, i) ? (stride > 0 ? highest : lowest) : place(elementOf(end, i));
  return Math.max(0, Math.ceil((to - from) / stride));
}

import { elementAt } from "../element-at.ts";
import type { DType, Shape, TensorType } from "../types.ts";
import { sizeOf } from "../types.ts";

/** Shape arithmetic that the kernels share. Errors are one sentence without the name of the op. */

/**
 * The shape that two operands broadcast to, by NumPy's rules: shapes align at the last axis, and a
 * dimension of 1 stretches.
 */
export function broadcast(a: Shape, b: Shape): number[] {
  const shape = (a.length < b.length ? b : a).slice();
  for (let axis = 1; axis <= shape.length; axis++) {
    const left = a[a.length - axis] ?? 1;
    const right = b[b.length - axis] ?? 1;
    if (left !== right && left !== 1 && right !== 1) {
      throw new Error(`the shapes [${a}] and [${b}] do not broadcast`);
    }
    shape[shape.length - axis] = left === 1 ? right : left;
  }
  return shape;
}

/**
 * The length of an axis; a negative axis counts from the end. Throws where the shape has no such
 * axis: no length that could be assumed instead would be right.
 */
export function lengthOf(shape: Shape, axis: number): number {
  const length = shape.at(axis);
  if (length === undefined) throw new Error(`the shape [${shape}] has no axis ${axis}`);
  return length;
}

/** An element of a list with one per axis. Throws where the list is too short. */
export function elementOf<T>(list: readonly T[], axis: number): T {
  const element = list[axis];
  if (element === undefined) {
    throw new Error(`${JSON.stringify(list)} has no element for axis ${axis}`);
  }
  return element;
}

/** The four dimensions of an image or a batch of feature maps. Throws for another rank. */
export function fourOf(shape: Shape): [number, number, number, number] {
  const [a, b, c, d, ...more] = shape;
  if (a === undefined || b === undefined || c === undefined || d === undefined || more.length > 0) {
    throw new Error(`the shape [${shape}] should have 4 axes`);
  }
  return [a, b, c, d];
}

/** Axes as indices from 0, in ascending order. A negative axis counts from the end. */
export function normalizeAxes(axis: number | readonly number[], rank: number): number[] {
  const axes = typeof axis === "number" ? [axis] : [...axis];
  for (const at of axes) {
    if (at < -rank || at >= rank) throw new Error(`axis ${at} is outside a tensor of rank ${rank}`);
  }
  return axes.map((at) => (at < 0 ? at + rank : at)).sort((a, b) => a - b);
}

export function normalizeAxis(axis: number, rank: number): number {
  return elementAt(normalizeAxes(axis, rank), 0);
}

/** The shape after a reduction over some axes; null means all axes. */
export function reduced(
  x: Shape,
  axis: number | readonly number[] | null,
  keepDims: boolean,
): number[] {
  const over = new Set(axis === null ? x.keys() : normalizeAxes(axis, x.length));
  return keepDims
    ? x.map((dimension, i) => (over.has(i) ? 1 : dimension))
    : x.filter((_, i) => !over.has(i));
}

/** A shape with −1 replaced, so that it holds `size` elements. */
export function resolveReshape(shape: Shape, size: number): number[] {
  const known = shape.reduce((product, d) => (d < 0 ? product : product * d), 1);
  const resolved = shape.map((d) => (d < 0 ? size / known : d));
  if (sizeOf(resolved) !== size || !resolved.every(Number.isInteger)) {
    throw new Error(`${size} elements cannot take the shape [${shape}]`);
  }
  return resolved;
}

export function withDimension(shape: Shape, axis: number, dimension: number): number[] {
  return shape.map((d, i) => (i === axis ? dimension : d));
}

type RoundingMode = "floor" | "round" | "ceil" | undefined;
export type Padding = "same" | "valid" | number | readonly (readonly [number, number])[];

const ROUND = { floor: Math.floor, round: Math.round, ceil: Math.ceil } as const;

/** One spatial dimension after a window slides over it. `pad` is the sum of both sides. */
function slide(
  size: number,
  window: number,
  stride: number,
  dilation: number,
  pad: "same" | "valid" | number,
  rounding: RoundingMode,
): number {
  const reach = (window - 1) * dilation + 1;
  if (pad === "same") return Math.ceil(size / stride);
  if (pad === "valid") return Math.ceil((size - reach + 1) / stride);
  return ROUND[rounding ?? "floor"]((size - reach + pad) / stride + 1);
}

/** A window of a convolution or pooling. */
export interface Window {
  readonly sizes: readonly number[];
  readonly strides: number | readonly number[];
  readonly dilations?: number | readonly number[];
  readonly pad: Padding;
  readonly rounding?: RoundingMode;
}

/**
 * The spatial dimensions of the output of a window that slides over `spatial`.
 *
 * @param firstAxis the index of the first spatial axis. Explicit padding lists all axes.
 */
export function slideWindow(
  spatial: readonly number[],
  window: Window,
  firstAxis: number,
): number[] {
  const { sizes, strides, dilations = 1, pad, rounding } = window;
  return spatial.map((size, axis) => {
    // Where padding is one number, tfjs uses the window and stride of the height for both axes.
    const i = typeof pad === "number" && spatial.length === 2 ? 0 : axis;
    const at = (value: number | readonly number[]) =>
      typeof value === "number" ? value : elementOf(value, i);
    const total = totalPadding(pad, firstAxis + axis);
    const result = slide(size, at(sizes), at(strides), at(dilations), total, rounding);
    if (result < 0) throw new Error(`a window of ${sizes} does not fit into [${spatial}]`);
    return result;
  });
}

/** The padding of an axis, the sum of both sides; the name of a rule stays one. */
function totalPadding(pad: Padding, axis: number): "same" | "valid" | number {
  if (typeof pad === "string") return pad;
  if (typeof pad === "number") return 2 * pad;
  const [before, after] = elementOf(pad, axis);
  return before + after;
}

/** One value per axis, from one number for all axes or a list with one per axis. */
export function perAxis(value: number | readonly number[], rank: number): number[] {
  return typeof value === "number" ? Array.from({ length: rank }, () => value) : [...value];
}

export function same(type: TensorType): TensorType {
  return { dtype: type.dtype, shape: type.shape };
}

export function float32(shape: Shape): TensorType {
  return { dtype: "float32", shape };
}

export function int32(shape: Shape): TensorType {
  return { dtype: "int32", shape };
}

/** The dtype of a sum or product of elements. Of booleans it is an integer. */
export function summed(dtype: DType): DType {
  return dtype === "bool" ? "int32" : dtype;
}

/**
 * A result of this type; undefined where it would be boolean. There tfjs's backends differ, and the
 * WebGPU backend differs by size, so the recorded type is right.
 */
export function unlessBoolean({ dtype, shape }: TensorType): [TensorType] | undefined {
  return dtype === "bool" ? undefined : [{ dtype, shape }];
}

/** From the dtype that holds the fewest values to the one that holds the most. */
const WIDENING = ["bool", "int32", "float32", "complex64"] as const;

/** The dtype that holds the values of both, as tfjs's `upcastType`. */
export function upcast(a: DType, b: DType): DType {
  if (a === b) return a;
  const widest = WIDENING.findLast((dtype) => dtype === a || dtype === b);
  if (widest === undefined || a === "string" || b === "string") {
    throw new Error(`no dtype holds both ${a} and ${b}`);
  }
  return widest;
}

/** More results than any kernel of a real model has. */
const MOST_RESULTS = 2 ** 20;

/** The types of the results of an op whose results all have one type. */
export function alike(type: TensorType, count: number): TensorType[] {
  if (count < 0 || count > MOST_RESULTS) {
    throw new Error(`an op cannot have ${count} results`);
  }
  return Array.from({ length: count }, () => type);
}

/** The terms of an equation such as `ij, jk -> ik`, without ellipsis: one letter per axis. */
export function einsumTerms(equation: string): { inputs: string[]; output: string } {
  const [inputs = "", output = ""] = equation.replaceAll(/\s/g, "").split("->");
  return { inputs: inputs.split(","), output };
}

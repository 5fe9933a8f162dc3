import type { Shape } from "@opcounter/ir";
import fc from "fast-check";
import { indicesOf } from "./dense.ts";

/** A window that slides over the spatial axes of an image or a volume. */
export interface Window {
  readonly sizes: readonly number[];
  readonly strides: readonly number[];
  readonly dilations: readonly number[];
  /** Padding before each axis. */
  readonly before: readonly number[];
  /** Positions along each axis. */
  readonly positions: readonly number[];
}

export type Padding = "same" | "valid" | number | readonly (readonly [number, number])[];

export interface WindowAttrs {
  readonly strides: number | readonly number[];
  readonly pad: Padding;
  readonly dilations?: number | readonly number[] | null;
}

/**
 * The window of a convolution or pooling over spatial axes of these lengths, where TensorFlow.js
 * places it. It differs from the definition in two ways. With a number as padding, the first
 * axis's reach and stride decide how many positions every axis has. With "same" over a volume, a
 * stride that skips elements at the end begins that much later (negative padding).
 */
export function windowOf(spatial: Shape, sizes: readonly number[], attrs: WindowAttrs): Window {
  const { pad } = attrs;
  const along = (value: number | readonly number[] | null | undefined) =>
    sizes.map((_, axis) => (typeof value === "number" ? value : (value?.[axis] ?? 1)));
  const strides = along(attrs.strides);
  const dilations = along(attrs.dilations);
  const reachOf = (axis: number) => ((sizes[axis] ?? 1) - 1) * (dilations[axis] ?? 1) + 1;
  const axes = sizes.map((_, axis) => {
    const length = spatial[axis] ?? 1;
    const stride = strides[axis] ?? 1;
    if (pad === "same") {
      const positions = Math.ceil(length / stride);
      const padding = (positions - 1) * stride + reachOf(axis) - length;
      const isImage = sizes.length === 2;
      return { before: Math.floor((isImage ? Math.max(0, padding) : padding) / 2), positions };
    }
    if (typeof pad === "number") {
      const free = length + 2 * pad - reachOf(0);
      return { before: pad, positions: Math.floor(free / (strides[0] ?? 1)) + 1 };
    }
    const [before, after] = pad === "valid" ? [0, 0] : (pad[axis + 1] ?? [0, 0]);
    const free = length + before + after - reachOf(axis);
    return { before, positions: Math.floor(free / stride) + 1 };
  });
  return {
    sizes,
    strides,
    dilations,
    before: axes.map(({ before }) => before),
    positions: axes.map(({ positions }) => positions),
  };
}

/** Each tap of the window, with the place in the input it falls on at a position. */
export function* tapsAt(
  { sizes, strides, dilations, before }: Window,
  position: readonly number[],
): Generator<{ tap: readonly number[]; place: readonly number[] }> {
  for (const tap of indicesOf(sizes)) {
    const place = tap.map(
      (step, axis) =>
        (position[axis] ?? 0) * (strides[axis] ?? 1) -
        (before[axis] ?? 0) +
        step * (dilations[axis] ?? 1),
    );
    yield { tap, place };
  }
}

// What is drawn at random.

const few = fc.integer({ min: 1, max: 3 });

/** Strides and dilations do not go together in TensorFlow.js. */
export function steps(axes: 2 | 3): fc.Arbitrary<{ strides: number[]; dilations: number[] }> {
  const ones = fc.constant(Array.from({ length: axes }, () => 1));
  const some = fc.array(few, { minLength: axes, maxLength: axes });
  return fc.oneof(
    fc.record({ strides: some, dilations: ones }),
    fc.record({ strides: ones, dilations: some }),
  );
}

const pair = fc.tuple(fc.nat({ max: 2 }), fc.nat({ max: 2 }));
type Pair = [number, number];
/** A tuple that the attributes' types ask for. */
export type ExplicitPadding = [Pair, Pair, Pair, Pair];

export const implicitPadding = fc.constantFrom("same" as const, "valid" as const);
export const padding: fc.Arbitrary<"same" | "valid" | number | ExplicitPadding> = fc.oneof(
  implicitPadding,
  fc.nat({ max: 2 }),
  fc.tuple(pair, pair).map(([rows, columns]): ExplicitPadding => [[0, 0], rows, columns, [0, 0]]),
);

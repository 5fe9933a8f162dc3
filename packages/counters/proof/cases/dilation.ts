import type { Shape } from "@opcounter/ir";
import fc from "fast-check";
import type { CountingArithmetic } from "../counting-arithmetic.ts";
import {
  Accumulator,
  at,
  type Dense,
  dense,
  denseWith,
  distinct,
  fill,
  isInside,
} from "../dense.ts";
import { type Proof, proof } from "../proof.ts";
import { implicitPadding, tapsAt, type WindowAttrs, windowOf } from "../window.ts";

const few = fc.integer({ min: 1, max: 3 });
const side = fc.integer({ min: 5, max: 7 });

const dilations = fc
  .record({
    image: fc.tuple(fc.integer({ min: 1, max: 2 }), side, side, few),
    window: fc.tuple(few, few),
    strides: few,
    dilations: fc.integer({ min: 1, max: 2 }),
    pad: implicitPadding,
  })
  .chain(({ image, window, ...attrs }) =>
    fc.record({
      x: distinct(image),
      // Finer steps than x has, so that no two sums are equal.
      filter: denseWith([...window, image[3]], "float32", (_, i) => (i % 7) / 64),
      dy: dense(outputShape(image, window, attrs)),
      attrs: fc.constant(attrs),
    }),
  );

function outputShape(image: Shape, window: Shape, attrs: WindowAttrs): number[] {
  const [batch = 1, height = 1, width = 1, channels = 1] = image;
  return [batch, ...windowOf([height, width], window, attrs).positions, channels];
}

/** The greatest sum of a window's input and filter, and where it was found. */
interface Greatest {
  readonly sum: number;
  readonly place: readonly number[];
  readonly tap: readonly number[];
}

function greatest(
  n: CountingArithmetic,
  x: Dense,
  filter: Dense,
  attrs: WindowAttrs,
  index: readonly number[],
): Greatest {
  const [batch = 0, row = 0, column = 0, channel = 0] = index;
  const window = windowOf(x.shape.slice(1, 3), filter.shape.slice(0, 2), attrs);
  const sums: Greatest[] = [];
  for (const { tap, place } of tapsAt(window, [row, column])) {
    const source = [batch, ...place, channel];
    const value = isInside(x.shape, source) ? at(x, ...source) : -Infinity;
    sums.push({ sum: n.add(value, at(filter, ...tap, channel)), place: source, tap });
  }
  return sums.reduce((best, sum) => (n.less(best.sum, sum.sum) ? sum : best));
}

export const dilationProofs: readonly Proof[] = [
  proof(
    "Dilation2D",
    dilations.map(({ x, filter, attrs }) => ({ operands: { x, filter }, attrs })),
    (n, { operands: { x, filter }, attrs }) => [
      fill(
        outputShape(x.shape, filter.shape.slice(0, 2), attrs),
        (index) => greatest(n, x, filter, attrs, index).sum,
      ),
    ],
  ),
  proof(
    "Dilation2DBackpropInput",
    dilations.map(({ attrs, ...operands }) => ({ operands, attrs })),
    (n, { operands: { x, filter, dy }, attrs }) => {
      const dx = new Accumulator(x.shape);
      fill(dy.shape, (index) => {
        const { place } = greatest(n, x, filter, attrs, index);
        dx.update(place, (sum) => n.add(sum, at(dy, ...index)));
        return 0;
      });
      return [dx.values];
    },
  ),
  proof(
    "Dilation2DBackpropFilter",
    dilations.map(({ attrs, ...operands }) => ({ operands, attrs })),
    (n, { operands: { x, filter, dy }, attrs }) => {
      const gradient = new Accumulator(filter.shape);
      fill(dy.shape, (index) => {
        const { tap } = greatest(n, x, filter, attrs, index);
        gradient.update([...tap, index[3] ?? 0], (sum) => n.add(sum, at(dy, ...index)));
        return 0;
      });
      return [gradient.values];
    },
  ),
];

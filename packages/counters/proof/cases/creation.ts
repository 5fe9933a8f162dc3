import fc from "fast-check";
import { maybeEmptyShapes, shapes } from "../dense.ts";
import { moves, type Proof, proof } from "../proof.ts";
import { indices, marked } from "./data-movement.ts";

const whole = fc.integer({ min: -9, max: 9 });

const likeShapes = maybeEmptyShapes(0, 4).chain((shape) =>
  marked(shape).map((x) => ({ operands: { x }, attrs: {} })),
);

export const creationProofs: readonly Proof[] = [
  moves(
    "Fill",
    fc.record({
      operands: fc.constant({}),
      attrs: fc.record({
        shape: maybeEmptyShapes(0, 4),
        value: fc.constantFrom(0, -2.5, 9),
        dtype: fc.constant("float32" as const),
      }),
    }),
    ({ attrs: { value } }) => [Number(value)],
  ),
  moves("OnesLike", likeShapes, () => [1]),
  moves("ZerosLike", likeShapes, () => [0]),
  moves(
    "OneHot",
    shapes(0, 3).chain((shape) =>
      indices(shape, 5).map((indices) => ({
        operands: { indices },
        attrs: { depth: 4, onValue: 0.5, offValue: -0.5, dtype: "float32" as const },
      })),
    ),
    ({ attrs: { onValue, offValue } }) => [onValue, offValue],
  ),
  proof(
    "LinSpace",
    fc.record({
      operands: fc.constant({}),
      attrs: fc.record({ start: whole, stop: whole, num: fc.integer({ min: 2, max: 9 }) }),
    }),
    (n, { attrs: { start, stop, num } }) => {
      const step = (stop - start) / (num - 1);
      return [Array.from({ length: num }, (_, i) => n.add(start, n.mul(i, step)))];
    },
  ),
  proof(
    "Range",
    fc.record({
      operands: fc.constant({}),
      attrs: fc
        .record({
          start: whole,
          span: fc.integer({ min: 1, max: 9 }),
          step: fc.constantFrom(1, 2, 0.5),
          dtype: fc.constant("float32" as const),
        })
        .map(({ span, ...attrs }) => ({ ...attrs, stop: attrs.start + span })),
    }),
    (n, { attrs: { start, stop, step } }) => {
      const count = Math.ceil((stop - start) / step);
      return [Array.from({ length: count }, (_, i) => n.add(start, n.mul(i, step)))];
    },
  ),
];

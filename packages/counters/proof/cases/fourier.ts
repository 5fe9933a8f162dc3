import fc from "fast-check";
import type { CountingArithmetic } from "../counting-arithmetic.ts";
import { dense } from "../dense.ts";
import { type Proof, proof } from "../proof.ts";

type Complex = readonly [re: number, im: number];

/** The radix-2 transform by halves; direction is −1, or 1 for the inverse. */
function transform(n: CountingArithmetic, x: readonly Complex[], direction: 1 | -1): Complex[] {
  if (x.length === 1) return [...x];
  const even = transform(
    n,
    x.filter((_, i) => i % 2 === 0),
    direction,
  );
  const odd = transform(
    n,
    x.filter((_, i) => i % 2 === 1),
    direction,
  );
  const twiddled = odd.map(([re, im], k): Complex => {
    const angle = (direction * 2 * Math.PI * k) / x.length;
    const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
    return [n.sub(n.mul(re, cos), n.mul(im, sin)), n.add(n.mul(re, sin), n.mul(im, cos))];
  });
  const halves = ([a, b]: Complex, k: number, join: (a: number, b: number) => number): Complex => {
    const [c, d] = twiddled[k] ?? [0, 0];
    return [join(a, c), join(b, d)];
  };
  return [
    ...even.map((value, k) => halves(value, k, (a, b) => n.add(a, b))),
    ...even.map((value, k) => halves(value, k, (a, b) => n.sub(a, b))),
  ];
}

/** Lengths that are powers of two; for others the count is by FFTW's convention. */
const runs = fc
  .tuple(fc.integer({ min: 1, max: 2 }), fc.constantFrom(1, 2, 4, 8, 16))
  .chain((shape) =>
    fc.record({
      operands: fc.record({ input: dense(shape, "complex64") }),
      attrs: fc.constant({}),
    }),
  );

function rows(values: readonly number[], length: number): Complex[][] {
  const numbers = Array.from(
    { length: values.length / 2 },
    (_, i): Complex => [values[2 * i] ?? 0, values[2 * i + 1] ?? 0],
  );
  return Array.from({ length: numbers.length / length }, (_, row) =>
    numbers.slice(row * length, (row + 1) * length),
  );
}

export const fourierProofs: readonly Proof[] = [
  proof("FFT", runs, (n, { operands: { input } }) => [
    rows(input.values, input.shape.at(-1) ?? 1).flatMap((row) => transform(n, row, -1).flat()),
  ]),
  proof("IFFT", runs, (n, { operands: { input } }) => [
    rows(input.values, input.shape.at(-1) ?? 1).flatMap((row) =>
      transform(n, row, 1).flatMap((value) => value.map((part) => n.div(part, row.length))),
    ),
  ]),
];

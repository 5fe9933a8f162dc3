import fc from "fast-check";
import type { CountingArithmetic } from "../counting-arithmetic.ts";
import { at, broadcastAt, type Dense, dense, denseWith, fill, length } from "../dense.ts";
import { type Proof, proof } from "../proof.ts";

const image = fc.tuple(length, length, length, fc.integer({ min: 1, max: 7 }));

/** Variances are positive. */
const positive = (shape: readonly number[]) =>
  denseWith(shape, "float32", (random) => (1 + random(16)) / 4);

const batchNorms = image.chain(([batch, height, width, channels]) => {
  const statistic = [channels];
  return fc.record({
    operands: fc.record(
      {
        x: dense([batch, height, width, channels]),
        mean: dense(statistic),
        variance: positive(statistic),
        offset: dense(statistic),
        scale: dense(statistic),
      },
      { requiredKeys: ["x", "mean", "variance"] },
    ),
    attrs: fc.constant({ varianceEpsilon: 0.001 }),
  });
});

const responses = fc.record({
  depthRadius: fc.nat({ max: 3 }),
  bias: fc.constantFrom(1, 2),
  alpha: fc.constantFrom(0.5, 1),
  beta: fc.constantFrom(0.5, 0.75),
});

/** The channels within the radius of one, which are fewer at the ends. */
function windowOf(radius: number, channel: number, channels: number): number[] {
  const first = Math.max(0, channel - radius);
  const last = Math.min(channels - 1, channel + radius);
  return Array.from({ length: last - first + 1 }, (_, i) => first + i);
}

/** bias + α·Σ x² of each channel's window, pixel by pixel. */
function norms(
  n: CountingArithmetic,
  x: Dense,
  attrs: { depthRadius: number; bias: number; alpha: number },
): Dense {
  const channels = x.shape[3] ?? 1;
  const values = fill(x.shape, ([b = 0, h = 0, w = 0, c = 0]) => {
    const squares = windowOf(attrs.depthRadius, c, channels).map((j) => {
      const value = at(x, b, h, w, j);
      return n.mul(value, value);
    });
    const sum = squares.reduce((total, square) => n.add(total, square));
    return n.add(attrs.bias, n.mul(attrs.alpha, sum));
  });
  return { dtype: "float32", shape: x.shape, values };
}

export const normalizationProofs: readonly Proof[] = [
  proof("FusedBatchNorm", batchNorms, (n, { operands, attrs: { varianceEpsilon } }) => {
    const { x, mean, variance, offset, scale } = operands;
    const factors = variance.values.map((value, channel) => {
      const deviation = n.transcendental(1 / Math.sqrt(n.add(value, varianceEpsilon)));
      return scale === undefined ? deviation : n.mul(deviation, at(scale, channel));
    });
    return [
      fill(x.shape, (index) => {
        const channel = index.at(-1) ?? 0;
        const centred = n.sub(at(x, ...index), broadcastAt(mean, [channel]));
        const scaled = n.mul(centred, factors[channel] ?? Number.NaN);
        return offset === undefined ? scaled : n.add(scaled, at(offset, channel));
      }),
    ];
  }),
  proof(
    "LRN",
    image.chain((shape) =>
      fc.record({ operands: fc.record({ x: dense(shape) }), attrs: responses }),
    ),
    (n, { operands: { x }, attrs }) => {
      const norm = norms(n, x, attrs);
      return [
        fill(x.shape, (index) =>
          n.mul(at(x, ...index), n.transcendental(at(norm, ...index) ** -attrs.beta)),
        ),
      ];
    },
  ),
  proof(
    "LRNGrad",
    image.chain((shape) =>
      fc.record({
        operands: fc.record({ x: dense(shape), y: dense(shape), dy: dense(shape) }),
        attrs: responses,
      }),
    ),
    (n, { operands: { x, y, dy }, attrs }) => {
      const norm = norms(n, x, attrs);
      const { alpha, beta, depthRadius } = attrs;
      const shares: Dense = {
        ...x,
        values: fill(x.shape, (index) =>
          n.div(n.mul(at(dy, ...index), at(y, ...index)), at(norm, ...index)),
        ),
      };
      const channels = x.shape[3] ?? 1;
      return [
        fill(x.shape, (index) => {
          const [b = 0, h = 0, w = 0, c = 0] = index;
          const window = windowOf(depthRadius, c, channels).map((j) => at(shares, b, h, w, j));
          const sum = window.reduce((total, share) => n.add(total, share));
          const direct = n.mul(at(dy, ...index), n.transcendental(at(norm, ...index) ** -beta));
          // 2αβ is a number of the attributes.
          return n.sub(direct, n.mul(n.mul(2 * alpha * beta, at(x, ...index)), sum));
        }),
      ];
    },
  ),
];

import fc from "fast-check";
import { CountingArithmetic } from "../counting-arithmetic.ts";
import {
  Accumulator,
  at,
  type Dense,
  dense,
  distinct,
  indicesOf,
  isInside,
  offsetOf,
} from "../dense.ts";
import { type Proof, proof, type Results } from "../proof.ts";
import { implicitPadding, tapsAt, type WindowAttrs, windowOf } from "../window.ts";

/** Poolings are for channels last alone in TensorFlow.js. */

interface PoolingAttrs extends WindowAttrs {
  readonly filterSize: number | readonly number[];
}

const few = fc.integer({ min: 1, max: 3 });

const sizesOf = (axes: 2 | 3) =>
  fc.record({
    batch: fc.integer({ min: 1, max: 2 }),
    spatial: fc.array(fc.integer({ min: 5, max: 7 }), { minLength: axes, maxLength: axes }),
    channels: few,
  });

/** What places a window over an image. */
const windows = fc.oneof(
  fc.record({
    filterSize: fc.oneof(few, fc.tuple(few, few)),
    strides: fc.oneof(few, fc.tuple(few, few)),
    pad: implicitPadding,
  }),
  // A number pads less than the window: a window on padding alone has no maximum.
  fc.record({
    filterSize: fc.constantFrom(2, 3),
    strides: few,
    pad: fc.constantFrom(0, 1),
  }),
);

/** A pooling of elements of which no two are equal: ties have no place in what is checked here. */
const runs2d = sizesOf(2).chain(({ batch, spatial, channels }) =>
  fc.record({
    operands: fc.record({ x: distinct([batch, ...spatial, channels]) }),
    attrs: windows,
  }),
);

const runs3d = fc
  .record({ sizes: sizesOf(3), strides: few, filterSize: fc.tuple(few, few, few) })
  .chain(({ sizes: { batch, spatial, channels }, strides, filterSize }) =>
    fc.record({
      operands: fc.record({ x: distinct([batch, ...spatial, channels]) }),
      attrs: fc.record({
        filterSize: fc.oneof(fc.constant(filterSize), few),
        strides: fc.constant(strides),
        pad: implicitPadding,
        dataFormat: fc.constant("NDHWC" as const),
      }),
    }),
  );

/** What a window holds at one position of one channel: an input place a tap, padding included. */
interface Position {
  readonly output: readonly number[];
  readonly places: readonly (readonly number[])[];
}

function* positionsOf(x: readonly number[], attrs: PoolingAttrs): Generator<Position> {
  const { filterSize } = attrs;
  const [batch = 1, ...rest] = x;
  const channels = rest.at(-1) ?? 1;
  const spatial = rest.slice(0, -1);
  const sizes = spatial.map((_, axis) =>
    typeof filterSize === "number" ? filterSize : (filterSize[axis] ?? 1),
  );
  const window = windowOf(spatial, sizes, attrs);
  for (const output of indicesOf([batch, ...window.positions, channels])) {
    const [image = 0, ...others] = output;
    const channel = others.at(-1) ?? 0;
    const taps = [...tapsAt(window, others.slice(0, -1))];
    yield { output, places: taps.map(({ place }) => [image, ...place, channel]) };
  }
}

function outputShape(x: readonly number[], attrs: PoolingAttrs): number[] {
  const shape: number[] = [];
  for (const { output } of positionsOf(x, attrs)) {
    output.forEach((place, axis) => {
      shape[axis] = Math.max(shape[axis] ?? 0, place + 1);
    });
  }
  return shape;
}

/** The place of the greatest element of a window; padding is −∞. One comparison a further tap. */
function greatest(n: CountingArithmetic, x: Dense, { places }: Position): readonly number[] {
  const elementAt = (place: readonly number[]) =>
    isInside(x.shape, place) ? at(x, ...place) : -Infinity;
  return places.reduce((best, place) => (n.less(elementAt(best), elementAt(place)) ? place : best));
}

function maximum(n: CountingArithmetic, x: Dense, attrs: PoolingAttrs): Results {
  const values: number[] = [];
  for (const position of positionsOf(x.shape, attrs))
    values.push(at(x, ...greatest(n, x, position)));
  return [values];
}

/** Padding counts in the sum, as zero, and not in what the sum is divided by. */
function mean(n: CountingArithmetic, x: Dense, attrs: PoolingAttrs): Results {
  const values: number[] = [];
  for (const { places } of positionsOf(x.shape, attrs)) {
    const inside = places.filter((place) => isInside(x.shape, place));
    const window = places.map((place) => (isInside(x.shape, place) ? at(x, ...place) : 0));
    values.push(
      n.div(
        window.reduce((sum, value) => n.add(sum, value)),
        inside.length,
      ),
    );
  }
  return [values];
}

function maximumGradient(n: CountingArithmetic, x: Dense, dy: Dense, attrs: PoolingAttrs): Results {
  const dx = new Accumulator(x.shape);
  for (const position of positionsOf(x.shape, attrs)) {
    const gradient = at(dy, ...position.output);
    dx.update(greatest(n, x, position), (sum) => n.add(sum, gradient));
  }
  return [dx.values];
}

/** TensorFlow.js divides by the whole window here, also where a part of it is padding. */
function meanGradient(n: CountingArithmetic, x: Dense, dy: Dense, attrs: PoolingAttrs): Results {
  const dx = new Accumulator(x.shape);
  for (const { output, places } of positionsOf(x.shape, attrs)) {
    const share = n.div(at(dy, ...output), places.length);
    for (const place of places) {
      if (isInside(x.shape, place)) dx.update(place, (sum) => n.add(sum, share));
      else n.add(0, share);
    }
  }
  return [dx.values];
}

/** Runs of a gradient by the input, with the pooling's result and its gradient. */
function withGradient<A extends PoolingAttrs>(
  runs: fc.Arbitrary<{ readonly operands: { readonly x: Dense }; readonly attrs: A }>,
) {
  return runs.chain(({ operands: { x: input }, attrs }) => {
    const shape = outputShape(input.shape, attrs);
    const [values = []] = maximum(new CountingArithmetic(), input, attrs);
    const output: Dense = { dtype: "float32", shape, values };
    return dense(shape).map((dy) => ({ dy, input, output, attrs }));
  });
}

const gradients2d = withGradient(runs2d);
const gradients3d = withGradient(runs3d).map(
  ({ attrs: { dataFormat: _, ...attrs }, ...tensors }) => ({ ...tensors, attrs }),
);
/** Of cubes alone: TensorFlow.js's cpu kernel takes a window's rows for as long as its columns. */
const gradientsOfCubes = gradients3d.filter(({ attrs: { filterSize } }) =>
  typeof filterSize === "number" ? true : new Set(filterSize).size === 1,
);
/** Average pooling's gradient has no use for the result. */
const ofMean = <A>({ dy, input, attrs }: { dy: Dense; input: Dense; attrs: A }) => ({
  operands: { dy, input },
  attrs,
});
const ofMaximum = <A>(run: { dy: Dense; input: Dense; output: Dense; attrs: A }) => {
  const { attrs, ...operands } = run;
  return { operands, attrs };
};

export const poolingProofs: readonly Proof[] = [
  proof("MaxPool", runs2d, (n, { operands: { x }, attrs }) => maximum(n, x, attrs)),
  proof("MaxPool3D", runs3d, (n, { operands: { x }, attrs }) => maximum(n, x, attrs)),
  proof("AvgPool", runs2d, (n, { operands: { x }, attrs }) => mean(n, x, attrs)),
  proof("AvgPool3D", runs3d, (n, { operands: { x }, attrs }) => mean(n, x, attrs)),
  proof(
    "MaxPoolWithArgmax",
    fc.tuple(runs2d, fc.boolean()).map(([{ operands, attrs }, includeBatchInIndex]) => ({
      operands,
      attrs: { ...attrs, includeBatchInIndex },
    })),
    (n, { operands: { x }, attrs }) => {
      const places: (readonly number[])[] = [];
      for (const position of positionsOf(x.shape, attrs)) places.push(greatest(n, x, position));
      const own = (place: readonly number[]) =>
        attrs.includeBatchInIndex ? place : [0, ...place.slice(1)];
      return [
        places.map((place) => at(x, ...place)),
        places.map((place) => offsetOf(x.shape, own(place))),
      ];
    },
  ),
  proof("MaxPoolGrad", gradients2d.map(ofMaximum), (n, { operands: { input, dy }, attrs }) =>
    maximumGradient(n, input, dy, attrs),
  ),
  proof("MaxPool3DGrad", gradientsOfCubes.map(ofMaximum), (n, { operands: { input, dy }, attrs }) =>
    maximumGradient(n, input, dy, attrs),
  ),
  proof("AvgPoolGrad", gradients2d.map(ofMean), (n, { operands: { input, dy }, attrs }) =>
    meanGradient(n, input, dy, attrs),
  ),
  proof("AvgPool3DGrad", gradients3d.map(ofMean), (n, { operands: { input, dy }, attrs }) =>
    meanGradient(n, input, dy, attrs),
  ),
];

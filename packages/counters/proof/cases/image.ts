import fc from "fast-check";
import type { CountingArithmetic } from "../counting-arithmetic.ts";
import { Accumulator, at, type Dense, dense, denseWith, fill, isInside } from "../dense.ts";
import { moves, type Proof, proof } from "../proof.ts";
import { marked } from "./data-movement.ts";

/**
 * Where a pixel lies in another image, and how near it is to its neighbours there, is worked out
 * once a pixel from sizes, attributes and boxes, and is not tallied: the formulas leave it out.
 */

const side = fc.integer({ min: 1, max: 5 });
const few = fc.integer({ min: 1, max: 3 });
const image = fc.tuple(fc.integer({ min: 1, max: 2 }), side, side, few);

/** a + (b − a)·t. */
function mix(n: CountingArithmetic, a: number, b: number, t: number): number {
  return n.add(a, n.mul(n.sub(b, a), t));
}

/** The pixels around a place on one axis, and how far it is from the first to the second. */
interface Between {
  readonly first: number;
  readonly second: number;
  readonly fraction: number;
}

function mixFour(
  n: CountingArithmetic,
  pixel: (row: number, column: number) => number,
  rows: Between,
  columns: Between,
): number {
  const [above, below] = [rows.first, rows.second].map((row) =>
    mix(n, pixel(row, columns.first), pixel(row, columns.second), columns.fraction),
  );
  return mix(n, above ?? 0, below ?? 0, rows.fraction);
}

interface Resizing {
  readonly alignCorners: boolean;
  readonly halfPixelCenters: boolean;
}

/** Where a pixel of an axis of `to` pixels lies on one of `from` pixels. */
function placeOn(from: number, to: number, position: number, attrs: Resizing): number {
  const isAligned = attrs.alignCorners && to > 1;
  const ratio = isAligned ? (from - 1) / (to - 1) : from / to;
  return attrs.halfPixelCenters ? ratio * (position + 0.5) - 0.5 : ratio * position;
}

function between(place: number, size: number): Between {
  const first = Math.max(0, Math.floor(place));
  return { first, second: Math.min(size - 1, Math.ceil(place)), fraction: place - first };
}

const resizing = fc.constantFrom<Resizing>(
  { alignCorners: false, halfPixelCenters: false },
  { alignCorners: true, halfPixelCenters: false },
  { alignCorners: false, halfPixelCenters: true },
);
const withoutHalfPixels = resizing.filter(({ halfPixelCenters }) => !halfPixelCenters);
const size = fc.tuple(side, side);

/** Square images: TensorFlow.js's cpu kernels give back others with their sides exchanged. */
const gradients = (batch: fc.Arbitrary<number>, side: fc.Arbitrary<number>) =>
  fc
    .record({ batch, side, channels: few, size, attrs: withoutHalfPixels })
    .chain(({ batch, side, channels, size, attrs }) =>
      fc.record({
        operands: fc.record({
          images: dense([batch, side, side, channels]),
          dy: dense([batch, ...size, channels]),
        }),
        attrs: fc.constant({ ...attrs, size }),
      }),
    );

/** Adds each element of dy to the pixels it came from, in the shares `give` says. */
function distribute(
  { images, dy }: { readonly images: Dense; readonly dy: Dense },
  give: (
    add: (row: number, column: number, share: (sum: number) => number) => void,
    gradient: number,
    position: readonly [row: number, column: number],
  ) => void,
): readonly number[] {
  const result = new Accumulator(images.shape);
  fill(dy.shape, (index) => {
    const [b = 0, row = 0, column = 0, c = 0] = index;
    give((y, x, share) => result.update([b, y, x, c], share), at(dy, ...index), [row, column]);
    return 0;
  });
  return result.values;
}

/** Corners in [−0.3, 1.3], never on a boundary between two pixels. */
const boxes = (count: number) =>
  denseWith([count, 4], "float32", (random) => (random(25) - 4.63) / 16);

const crops = fc
  .record({ shape: image, count: few, cropSize: fc.tuple(side, side) })
  .chain(({ shape, count, cropSize }) =>
    fc.record({
      operands: fc.record({
        image: dense(shape),
        boxes: boxes(count),
        boxInd: denseWith([count], "int32", (random) => random(shape[0])),
      }),
      attrs: fc.record({
        cropSize: fc.constant(cropSize),
        method: fc.constantFrom("bilinear" as const, "nearest" as const),
        extrapolationValue: fc.constantFrom(0, 7),
      }),
    }),
  );

/** Where a pixel of a crop lies on an axis of the image, between two ends of a box. */
function placeInBox(from: number, to: number, crop: number, position: number, size: number) {
  if (crop === 1) return 0.5 * (from + to) * (size - 1);
  return from * (size - 1) + (position * ((to - from) * (size - 1))) / (crop - 1);
}

/** One image: TensorFlow.js's cpu kernel stops after the first of a batch. */
const transforms = fc.tuple(side, side, few).chain(([height, width, channels]) =>
  fc.record({
    operands: fc.record({
      image: dense([1, height, width, channels]),
      // Near the identity, and nowhere on a boundary between two pixels.
      transforms: denseWith([1, 8], "float32", (random, i) => {
        const noise = (random(9) - 4.13) / 16;
        if (i > 5) return noise / 8;
        return i === 0 || i === 4 ? 1 + noise : noise;
      }),
    }),
    attrs: fc.record({
      interpolation: fc.constantFrom("bilinear" as const, "nearest" as const),
      fillMode: fc.constantFrom("constant" as const, "nearest" as const),
      fillValue: fc.constantFrom(0, 7),
    }),
  }),
);

/** Where an output pixel lies in the image: the projection (a·x + b·y + c) / (g·x + h·y + 1). */
function project(n: CountingArithmetic, t: readonly number[], x: number, y: number) {
  const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0] = t;
  const plane = (a: number, b: number, c: number) => n.add(n.add(n.mul(a, x), n.mul(b, y)), c);
  const depth = plane(g, h, 1);
  return { x: n.div(plane(a, b, c), depth), y: n.div(plane(d, e, f), depth) };
}

export const imageProofs: readonly Proof[] = [
  moves(
    "FlipLeftRight",
    image.chain((shape) => marked(shape).map((image) => ({ operands: { image }, attrs: {} }))),
  ),
  moves(
    "ResizeNearestNeighbor",
    fc
      .record({ shape: image, size, attrs: resizing })
      .chain(({ shape, size, attrs }) =>
        marked(shape).map((images) => ({ operands: { images }, attrs: { ...attrs, size } })),
      ),
  ),
  moves(
    "RotateWithOffset",
    fc.record({ shape: image, quarter: fc.nat(8) }).chain(({ shape, quarter }) =>
      marked(shape).map((image) => ({
        operands: { image },
        attrs: { radians: (quarter * Math.PI) / 4, fillValue: 7, center: 0.5 },
      })),
    ),
    ({ attrs: { fillValue } }) => [fillValue].flat(),
  ),
  proof(
    "ResizeBilinear",
    fc.record({
      operands: image.chain((shape) => fc.record({ images: dense(shape) })),
      attrs: fc.tuple(resizing, size).map(([attrs, size]) => ({ ...attrs, size })),
    }),
    (n, { operands: { images }, attrs }) => {
      const [batch = 1, height = 1, width = 1, channels = 1] = images.shape;
      const [rows, columns] = attrs.size;
      return [
        fill([batch, rows, columns, channels], ([b = 0, row = 0, column = 0, c = 0]) =>
          mixFour(
            n,
            (y, x) => at(images, b, y, x, c),
            between(placeOn(height, rows, row, attrs), height),
            between(placeOn(width, columns, column, attrs), width),
          ),
        ),
      ];
    },
  ),
  proof("ResizeBilinearGrad", gradients(few, side), (n, { operands, attrs }) => {
    const [, height = 1, width = 1] = operands.images.shape;
    const [rows, columns] = attrs.size;
    return [
      distribute(operands, (add, gradient, [row, column]) => {
        const y = between(placeOn(height, rows, row, attrs), height);
        const x = between(placeOn(width, columns, column, attrs), width);
        for (const [place, rowShare] of [
          [y.first, 1 - y.fraction],
          [y.second, y.fraction],
        ] as const) {
          const give = (column: number, share: number) =>
            add(place, column, (sum) => n.add(sum, n.mul(gradient, rowShare * share)));
          give(x.first, 1 - x.fraction);
          give(x.second, x.fraction);
        }
      }),
    ];
  }),
  // TensorFlow.js's cpu kernel takes a batch's steps from the wrong operand, and never ends where
  // corners are aligned in an image of one pixel.
  proof(
    "ResizeNearestNeighborGrad",
    gradients(fc.constant(1), fc.integer({ min: 2, max: 5 })),
    (n, { operands, attrs }) => {
      const [, height = 1, width = 1] = operands.images.shape;
      const [rows, columns] = attrs.size;
      const nearest = (from: number, to: number, position: number) => {
        const place = placeOn(from, to, position, attrs);
        return Math.min(from - 1, attrs.alignCorners ? Math.round(place) : Math.floor(place));
      };
      return [
        distribute(operands, (add, gradient, [row, column]) =>
          add(nearest(height, rows, row), nearest(width, columns, column), (sum) =>
            n.add(sum, gradient),
          ),
        ),
      ];
    },
  ),
  proof("CropAndResize", crops, (n, { operands: { image, boxes, boxInd }, attrs }) => {
    const [, height = 1, width = 1, channels = 1] = image.shape;
    const [rows, columns] = attrs.cropSize;
    return [
      fill([boxInd.values.length, rows, columns, channels], (index) => {
        const [box = 0, row = 0, column = 0, c = 0] = index;
        const y = placeInBox(at(boxes, box, 0), at(boxes, box, 2), rows, row, height);
        const x = placeInBox(at(boxes, box, 1), at(boxes, box, 3), columns, column, width);
        if (y < 0 || y > height - 1 || x < 0 || x > width - 1) return attrs.extrapolationValue;
        const pixel = (y: number, x: number) => at(image, at(boxInd, box), y, x, c);
        return attrs.method === "nearest"
          ? pixel(Math.round(y), Math.round(x))
          : mixFour(n, pixel, between(y, height), between(x, width));
      }),
    ];
  }),
  proof("Transform", transforms, (n, { operands: { image, transforms }, attrs }) => {
    const [, height = 1, width = 1, channels = 1] = image.shape;
    const { interpolation, fillMode, fillValue } = attrs;
    const within = (place: number, size: number) =>
      fillMode === "nearest" ? Math.min(Math.max(place, 0), size - 1) : place;
    const after = (place: number): Between => {
      const first = Math.floor(place);
      return { first, second: first + 1, fraction: place - first };
    };
    const values: number[] = [];
    for (let row = 0; row < height; row++) {
      for (let column = 0; column < width; column++) {
        const place = project(n, transforms.values, column, row);
        const [y, x] = [within(place.y, height), within(place.x, width)];
        for (let c = 0; c < channels; c++) {
          const pixel = (y: number, x: number) =>
            isInside(image.shape, [0, y, x, c]) ? at(image, 0, y, x, c) : fillValue;
          values.push(
            interpolation === "nearest"
              ? pixel(Math.round(y), Math.round(x))
              : mixFour(n, pixel, after(y), after(x)),
          );
        }
      }
    }
    return [values];
  }),
];

import fc from "fast-check";
import type { CountingArithmetic } from "../counting-arithmetic.ts";
import { at, type Dense, denseWith, distinct } from "../dense.ts";
import { type Proof, proof } from "../proof.ts";
import { countBefore, sorted } from "./search.ts";

/** Non-maximum suppression: of boxes that overlap, only the one with the highest score is kept. */

interface Box {
  readonly top: number;
  readonly left: number;
  readonly bottom: number;
  readonly right: number;
  readonly area: number;
  readonly isEmpty: boolean;
}

function boxAt(n: CountingArithmetic, boxes: Dense, place: number): Box {
  const [y1, x1] = [at(boxes, place, 0), at(boxes, place, 1)];
  const [y2, x2] = [at(boxes, place, 2), at(boxes, place, 3)];
  const [top, bottom] = [n.min(y1, y2), n.max(y1, y2)];
  const [left, right] = [n.min(x1, x2), n.max(x1, x2)];
  const area = n.mul(n.sub(bottom, top), n.sub(right, left));
  return { top, left, bottom, right, area, isEmpty: !n.less(0, area) };
}

function intersectionOverUnion(n: CountingArithmetic, a: Box, b: Box): number {
  if (a.isEmpty || b.isEmpty) return 0;
  const height = n.max(n.sub(n.min(a.bottom, b.bottom), n.max(a.top, b.top)), 0);
  const width = n.max(n.sub(n.min(a.right, b.right), n.max(a.left, b.left)), 0);
  const intersection = n.mul(height, width);
  return n.div(intersection, n.sub(n.add(a.area, b.area), intersection));
}

interface Attrs {
  readonly maxOutputSize: number;
  readonly iouThreshold: number;
  readonly scoreThreshold: number;
}

interface Candidate {
  readonly place: number;
  score: number;
  /** How many of the chosen it has been compared with. */
  compared: number;
}

/**
 * The boxes chosen, the best first. With a sigma, a box that overlaps a chosen one loses score by
 * e^(−iou² / 2σ), and takes its new place among those that wait.
 */
function suppress(
  n: CountingArithmetic,
  { boxes, scores }: { readonly boxes: Dense; readonly scores: Dense },
  attrs: Attrs,
  sigma?: number,
): Candidate[] {
  const corners = scores.values.map((_, place) => boxAt(n, boxes, place));
  const boxOf = ({ place }: Candidate): Box => {
    const box = corners[place];
    if (box === undefined) throw new RangeError(`there is no box ${place}`);
    return box;
  };
  const passing = scores.values
    .map((score, place): Candidate => ({ place, score, compared: 0 }))
    .filter(({ score }) => n.less(attrs.scoreThreshold, score));
  // The best last, where it is taken from.
  const waiting = sorted(passing, (a, b) => n.compare(a.score, b.score));
  const chosen: Candidate[] = [];
  while (chosen.length < attrs.maxOutputSize) {
    const candidate = waiting.pop();
    if (candidate === undefined) break;
    const before = candidate.score;
    if (!survives(n, candidate, chosen, boxOf, attrs, sigma)) continue;
    if (sigma === undefined || n.equal(candidate.score, before)) {
      chosen.push(candidate);
      continue;
    }
    candidate.compared = chosen.length;
    const { score } = candidate;
    const place = countBefore(waiting.length, (i) =>
      n.less(waiting[i]?.score ?? Number.NaN, score),
    );
    waiting.splice(place, 0, candidate);
  }
  return chosen;
}

/** Compares a candidate with the chosen boxes it has not met; false where it is out. */
function survives(
  n: CountingArithmetic,
  candidate: Candidate,
  chosen: readonly Candidate[],
  boxOf: (candidate: Candidate) => Box,
  { iouThreshold, scoreThreshold }: Attrs,
  sigma: number | undefined,
): boolean {
  for (const other of chosen.slice(candidate.compared).reverse()) {
    const overlap = intersectionOverUnion(n, boxOf(candidate), boxOf(other));
    if (!n.less(overlap, iouThreshold)) return false;
    if (sigma === undefined) continue;
    const scale = sigma > 0 ? -0.5 / sigma : 0;
    const weight = n.transcendental(Math.exp(n.mul(n.mul(scale, overlap), overlap)));
    candidate.score = n.mul(candidate.score, weight);
    if (!n.less(scoreThreshold, candidate.score)) return false;
  }
  return true;
}

const detections = fc.integer({ min: 1, max: 12 }).chain((count) =>
  fc.record({
    // Corners on a coarse grid: some boxes overlap, some are equal, some are empty.
    boxes: denseWith([count, 4], "float32", (random) => random(9) / 8),
    scores: distinct([count]),
  }),
);
const thresholds = {
  maxOutputSize: fc.integer({ min: 1, max: 14 }),
  iouThreshold: fc.constantFrom(0.25, 0.5, 1),
  scoreThreshold: fc.constantFrom(-0.25, 0),
};

function padded(values: readonly number[], length: number): number[] {
  return [...values, ...Array.from({ length: Math.max(0, length - values.length) }, () => 0)];
}

export const suppressionProofs: readonly Proof[] = [
  proof(
    "NonMaxSuppressionV3",
    fc.record({ operands: detections, attrs: fc.record(thresholds) }),
    (n, { operands, attrs }) => [suppress(n, operands, attrs).map(({ place }) => place)],
  ),
  proof(
    "NonMaxSuppressionV4",
    fc.record({
      operands: detections,
      attrs: fc.record({ ...thresholds, padToMaxOutputSize: fc.boolean() }),
    }),
    (n, { operands, attrs }) => {
      const places = suppress(n, operands, attrs).map(({ place }) => place);
      const length = attrs.padToMaxOutputSize ? attrs.maxOutputSize : 0;
      return [padded(places, length), [places.length]];
    },
  ),
  proof(
    "NonMaxSuppressionV5",
    fc.record({
      operands: detections,
      attrs: fc.record({ ...thresholds, softNmsSigma: fc.constantFrom(0, 0.5, 1) }),
    }),
    (n, { operands, attrs }) => {
      const chosen = suppress(n, operands, attrs, attrs.softNmsSigma);
      return [chosen.map(({ place }) => place), chosen.map(({ score }) => score)];
    },
  ),
];

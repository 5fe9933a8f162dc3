/**
 * What invocations execute. A vector operation counts its lanes.
 *
 * - `multiplyAdds`: `fma`, a float sum with a factor that is written as a product, and the terms of a
 *   `dot`: what compilers make one instruction.
 * - `additions`: float `+`, `-`, negations, and roundings (`abs`, `sign`, `floor`, `ceil`, `round`, `trunc`, `fract`).
 * - `multiplications`, `divisions`: other float `*`; float `/` and `%`.
 * - `comparisons`: float comparisons, `min`, `max`; `clamp` is two.
 * - `transcendentals`: `exp`, `log`, `pow`, `sqrt`, trigonometric functions and their like.
 * - `integers`: integer arithmetic, shifts, bit operations, comparisons, and conversions between
 *   integers and floats. Addressing an element is not among them, as hardware does it with the access.
 * - `loads`, `stores`, `loadBytes`, `storeBytes`: accesses of storage buffers as the invocations
 *   issue them; caches may serve them. Reads of the uniform buffer are not counted.
 * - `sharedLoadBytes`, `sharedStoreBytes`: of the workgroup's memory.
 * - `atomics`: atomic operations, on either.
 */
export const WORK_KINDS = [
  "multiplyAdds",
  "additions",
  "multiplications",
  "divisions",
  "comparisons",
  "transcendentals",
  "integers",
  "loads",
  "stores",
  "loadBytes",
  "storeBytes",
  "sharedLoadBytes",
  "sharedStoreBytes",
  "atomics",
] as const;
export type WorkKind = (typeof WORK_KINDS)[number];

/** How much of each kind. */
export type Work = Record<WorkKind, number>;

export function noWork(): Work {
  return {
    multiplyAdds: 0,
    additions: 0,
    multiplications: 0,
    divisions: 0,
    comparisons: 0,
    transcendentals: 0,
    integers: 0,
    loads: 0,
    stores: 0,
    loadBytes: 0,
    storeBytes: 0,
    sharedLoadBytes: 0,
    sharedStoreBytes: 0,
    atomics: 0,
  };
}

/** Adds `times` of some work to a sum. */
export function addWork(sum: Work, work: Readonly<Work>, times = 1): void {
  if (times === 0) return;
  // Written out, since it is called by the million: by kind it takes several times as long.
  sum.multiplyAdds += work.multiplyAdds * times;
  sum.additions += work.additions * times;
  sum.multiplications += work.multiplications * times;
  sum.divisions += work.divisions * times;
  sum.comparisons += work.comparisons * times;
  sum.transcendentals += work.transcendentals * times;
  sum.integers += work.integers * times;
  sum.loads += work.loads * times;
  sum.stores += work.stores * times;
  sum.loadBytes += work.loadBytes * times;
  sum.storeBytes += work.storeBytes * times;
  sum.sharedLoadBytes += work.sharedLoadBytes * times;
  sum.sharedStoreBytes += work.sharedStoreBytes * times;
  sum.atomics += work.atomics * times;
}

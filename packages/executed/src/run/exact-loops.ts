import type { Operation } from "../wgsl/operations.ts";

/**
 * Computes an operation for `count` invocations. An argument has a value for each where its step is
 * 1, and one for all where it is 0.
 */
export type ExactLoop = (
  into: Float64Array,
  count: number,
  x: Float64Array,
  i: number,
  y: Float64Array,
  j: number,
  z: Float64Array,
  k: number,
) => void;

const loops = new WeakMap<Operation, ExactLoop>();

/** The loop of an operation, made once. */
export function exactLoop(operation: Operation): ExactLoop {
  const known = loops.get(operation);
  if (known !== undefined) return known;
  const loop = callingLoop(operation);
  loops.set(operation, loop);
  return loop;
}

function callingLoop({ evaluate }: Operation): ExactLoop {
  return (into, count, x, i, y, j, z, k) => {
    for (let lane = 0; lane < count; lane++) {
      into[lane] = evaluate(x[lane * i] ?? 0, y[lane * j] ?? 0, z[lane * k] ?? 0);
    }
  };
}

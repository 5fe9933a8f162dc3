import { comparisonText, operationText, PRELUDE } from "../wgsl/operation-text.ts";
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
  const loop = compiledLoop(operation) ?? callingLoop(operation);
  loops.set(operation, loop);
  return loop;
}

/** A loop that has the operation in its text: V8 compiles it for this operation alone. */
function compiledLoop(operation: Operation): ExactLoop | undefined {
  const [x, y, z] = ["x[lane * i]", "y[lane * j]", "z[lane * k]"] as const;
  const comparison = comparisonText(operation);
  const text =
    comparison === undefined
      ? operationText(operation)?.(x, y, z)
      : `${x} ${comparison} ${y} ? 1 : 0`;
  if (text === undefined) return undefined;
  const made: { loop?: ExactLoop } = {};
  try {
    new Function(
      "made",
      `"use strict";${PRELUDE}
made.loop = (into, count, x, i, y, j, z, k) => {
for (let lane = 0; lane < count; lane++) into[lane] = ${text};
};`,
    )(made);
  } catch (error) {
    // A page's Content-Security-Policy forbids to compile text.
    if (!(error instanceof EvalError)) throw error;
  }
  return made.loop;
}

function callingLoop({ evaluate }: Operation): ExactLoop {
  return (into, count, x, i, y, j, z, k) => {
    for (let lane = 0; lane < count; lane++) {
      into[lane] = evaluate(x[lane * i] ?? 0, y[lane * j] ?? 0, z[lane * k] ?? 0);
    }
  };
}

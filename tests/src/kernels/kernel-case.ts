import type { DType, Shape } from "@opcounter/ir";
import * as tf from "@tensorflow/tfjs";
import fc from "fast-check";

/** How a kernel is made to run: on random arguments, for each of which `check` is called. */
export interface KernelCase {
  /** Throws with the seed and the smallest arguments found where `check` throws for some. */
  assert(check: (run: () => void) => void, runs: number): void;
  /** One run on random arguments, the same for the same seed. */
  sample(seed: number): () => void;
}

/** A case: `run` calls tfjs so that the kernel, and whatever others, is executed. */
export function running<A>(args: fc.Arbitrary<A>, run: (args: A) => void): KernelCase {
  return {
    assert(check, numRuns) {
      fc.assert(
        fc.property(args, (drawn) => check(() => run(drawn))),
        { numRuns },
      );
    },
    sample(seed) {
      const [drawn] = fc.sample(args, { seed, numRuns: 1 });
      return () => {
        // Sound: one was asked for.
        run(drawn as A);
      };
    },
  };
}

let floats: DType = "float32";

/** Runs something in which `tensor` makes tensors of another dtype where none is asked for. */
export function withFloatsAs<T>(dtype: DType, run: () => T): T {
  floats = dtype;
  try {
    return run();
  } finally {
    floats = "float32";
  }
}

let dtypes: DType[] = [];

/**
 * Runs something in which the tensors that `tensor` makes have these dtypes in turn, whatever dtype
 * is asked for. Those past the end of the list have the dtype that is asked for.
 *
 * @param list loses the dtypes that tensors get.
 */
export function withDTypes<T>(list: DType[], run: () => T): T {
  dtypes = list;
  try {
    return run();
  } finally {
    dtypes = [];
  }
}

let nextValue: ((dtype: DType) => number) | undefined;

/** Runs something in which the tensors that `tensor` makes hold these values in turn, not zeros. */
export function withValues<T>(next: (dtype: DType) => number, run: () => T): T {
  nextValue = next;
  try {
    return run();
  } finally {
    nextValue = undefined;
  }
}

/** Zeros, or empty strings: the type of no result that is inferred depends on values. */
export function tensor<R extends tf.Rank>(shape: tf.ShapeMap[R], asked: DType = floats) {
  const dtype = dtypes.shift() ?? asked;
  const next = nextValue;
  if (next !== undefined && (dtype === "float32" || dtype === "int32" || dtype === "bool")) {
    const values = Array.from({ length: tf.util.sizeFromShape(shape) }, () => next(dtype));
    return tf.tensor<R>(values, shape, dtype);
  }
  if (dtype !== "string") return tf.zeros<R>(shape, dtype);
  const strings = Array.from({ length: tf.util.sizeFromShape(shape) }, () => "");
  return tf.tensor<R>(strings, shape, dtype);
}

export const dimension = fc.integer({ min: 1, max: 4 });

/** A shape of as many dimensions as given, each from 1 to 4. */
export function shapeOf(minRank: number, maxRank: number): fc.Arbitrary<number[]> {
  return fc.array(dimension, { minLength: minRank, maxLength: maxRank });
}

/** As `shapeOf`, with dimensions of 0: tensors without elements. */
export function maybeEmptyShapeOf(minRank: number, maxRank: number): fc.Arbitrary<number[]> {
  return fc.array(fc.integer({ min: 0, max: 3 }), { minLength: minRank, maxLength: maxRank });
}

/** A shape with one of its axes, counted from the start or the end. */
export function shapeAndAxis(
  minRank = 1,
  maxRank = 4,
): fc.Arbitrary<{ shape: number[]; axis: number }> {
  return shapeOf(minRank, maxRank).chain((shape) =>
    fc.record({ shape: fc.constant(shape), axis: axisOf(shape) }),
  );
}

export function axisOf({ length }: Shape): fc.Arbitrary<number> {
  return fc.integer({ min: -length, max: length - 1 });
}

/** Two shapes that broadcast: some of one's dimensions are stretched, outer ones left out. */
export const broadcastable: fc.Arbitrary<[number[], number[]]> = shapeOf(0, 4).chain((shape) =>
  fc
    .tuple(
      fc.array(fc.boolean(), { minLength: shape.length, maxLength: shape.length }),
      fc.integer({ min: 0, max: shape.length }),
      fc.boolean(),
    )
    .map(([stretched, omitted, swap]): [number[], number[]] => {
      const other = shape.map((d, i) => (stretched[i] ? 1 : d)).slice(omitted);
      return swap ? [other, shape] : [shape, other];
    }),
);

export const numeric = fc.constantFrom<DType[]>("float32", "int32", "bool");

/** Calls a kernel that no public op of tfjs reaches, or not with all that it can be given. */
export function runKernel(name: string, inputs: tf.NamedTensorMap, attrs = {}): void {
  tf.engine().runKernel(name, inputs, attrs);
}

/** Runs what makes some of tfjs's own kernels throw, with these words: that is no execution. */
export function unlessTfjsThrows(words: RegExp, run: () => void): void {
  try {
    run();
  } catch (error) {
    if (!words.test(String(error))) throw error;
  }
}

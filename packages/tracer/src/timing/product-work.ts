import type * as tfjs from "@tensorflow/tfjs-core";
import { flush } from "../devices/backend.ts";
import type { Device } from "../devices/device.ts";
import type { Work } from "./measure.ts";

/** A workgroup of TensorFlow.js's `MatMulPackedProgram` computes a tile of so many rows and columns. */
const TILE = 32;

/** Square matrix products, by the kernel that models run. */
export function* productSizes(tf: typeof tfjs, device: Device): Generator<() => Work> {
  for (let n = 256; n <= 8192; n *= 2) yield () => productWork(tf, device, n, n);
}

/**
 * A product of rows×inner and inner×rows numbers. For `rows` a multiple of 32, it launches
 * (rows / 32)² workgroups.
 */
export function productWork(
  tf: typeof tfjs,
  { backend, recorder }: Device,
  rows: number,
  inner: number,
): Work {
  const [a, b] = [tf.fill([rows, inner], 0.5), tf.fill([inner, rows], 0.25)];
  return {
    amount: 2 * rows * rows * inner,
    run(timestamps) {
      recorder.start(timestamps);
      tf.matMul(a, b).dispose();
      flush(backend);
      recorder.stop();
    },
    dispose: () => tf.dispose([a, b]),
  };
}

/** The rows of a product that launches the square of `side` workgroups. */
export function rowsOf(side: number): number {
  return side * TILE;
}

/** TensorFlow.js's number for `MatMulPackedProgram`, among its `MatMulProgramType`. */
const PACKED = 3;
const FLAG = "WEBGPU_MATMUL_PROGRAM_TYPE";

/**
 * Runs something while products run as `MatMulPackedProgram` only. TensorFlow.js would choose other
 * programs for those that launch few workgroups.
 */
export async function withPackedProducts<T>(tf: typeof tfjs, run: () => Promise<T>): Promise<T> {
  const before = tf.env().get(FLAG);
  tf.env().set(FLAG, PACKED);
  try {
    return await run();
  } finally {
    tf.env().set(FLAG, before);
  }
}

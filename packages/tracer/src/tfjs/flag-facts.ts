import { USUAL_FLAGS } from "./flags.ts";

/** A flag of TensorFlow.js that changes what its WebGPU backend runs. */
export interface FlagFacts {
  /** What TensorFlow.js has where nobody sets it. Its type is the flag's. */
  readonly usual: boolean | number;
  readonly what: string;
}

/** The flags that a trace can set. */
export const FLAGS: Readonly<Record<keyof typeof USUAL_FLAGS, FlagFacts>> = {
  WEBGPU_CPU_FORWARD: {
    usual: USUAL_FLAGS.WEBGPU_CPU_FORWARD,
    what: "ops of fewer than 1,000 elements that have never been on the device run on the host",
  },
  WEBGPU_DEFERRED_SUBMIT_BATCH_SIZE: {
    usual: USUAL_FLAGS.WEBGPU_DEFERRED_SUBMIT_BATCH_SIZE,
    what: "how many dispatches are collected before they are submitted",
  },
  WEBGPU_MATMUL_PROGRAM_TYPE: {
    usual: USUAL_FLAGS.WEBGPU_MATMUL_PROGRAM_TYPE,
    what: "the program of matrix products: 0 reduce, 1 split k, 2 small outputs, 3 packed; -1 chooses",
  },
  WEBGPU_THRESHOLD_TO_INCREASE_WORKGROUPS_FOR_MATMUL: {
    usual: USUAL_FLAGS.WEBGPU_THRESHOLD_TO_INCREASE_WORKGROUPS_FOR_MATMUL,
    what: "how few workgroups a matrix product launches before it takes smaller tiles; -1 goes by the adapter",
  },
  WEBGPU_CONV_SEPARATE_IM2COL_SHADER: {
    usual: USUAL_FLAGS.WEBGPU_CONV_SEPARATE_IM2COL_SHADER,
    what: "a convolution writes its windows out in a dispatch of their own, then multiplies",
  },
  WEBGPU_USE_NAIVE_CONV2D_TRANSPOSE: {
    usual: USUAL_FLAGS.WEBGPU_USE_NAIVE_CONV2D_TRANSPOSE,
    what: "a transposed convolution computes each output by itself, not as a matrix product",
  },
  WEBGPU_USE_NAIVE_CONV2D_DEBUG: {
    usual: USUAL_FLAGS.WEBGPU_USE_NAIVE_CONV2D_DEBUG,
    what: "a convolution computes each output by itself, not as a matrix product",
  },
  WEBGPU_IMPORT_EXTERNAL_TEXTURE: {
    usual: USUAL_FLAGS.WEBGPU_IMPORT_EXTERNAL_TEXTURE,
    what: "tf.browser.fromPixels reads a video's texture without a copy",
  },
};

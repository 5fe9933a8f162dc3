/**
 * The TensorFlow.js in the command line's bundle: all of `@tensorflow/tfjs` except the WebGL
 * backend and `tf.data`, which would double its start-up time.
 */
// As in tfjs-layers.ts: a bundler that is told of no side effects takes its exports past it.
import "@tensorflow/tfjs-backend-cpu";
import "@tensorflow/tfjs-core/dist/public/chained_ops/register_all_chained_ops.js";

export * from "@tensorflow/tfjs-converter";
export * from "@tensorflow/tfjs-core";
export * from "@tensorflow/tfjs-layers";

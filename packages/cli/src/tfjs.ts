/**
 * The TensorFlow.js in the command line's bundle: all of `@tensorflow/tfjs` except the WebGL
 * backend and `tf.data`, which would double its start-up time.
 */
export * from "@tensorflow/tfjs-converter";
export * from "./tfjs-layers.ts";

/**
 * The TensorFlow.js that the zoo's models are built with: without the converter, which takes a
 * twentieth of a short command's time to load, and only models in files need.
 */
import "@tensorflow/tfjs-backend-cpu";
import "@tensorflow/tfjs-core/dist/public/chained_ops/register_all_chained_ops.js";

export * from "@tensorflow/tfjs-core";
export * from "@tensorflow/tfjs-layers";

import "@tensorflow/tfjs-backend-webgpu";
import * as tf from "@tensorflow/tfjs-core";

await tf.setBackend("webgpu");
await tf.ready();
const a = tf.tensor2d(
  Float32Array.from({ length: 64 * 64 }, (_, i) => i % 5),
  [64, 64],
);
const b = tf.tensor2d(
  Float32Array.from({ length: 64 * 64 }, (_, i) => i % 3),
  [64, 64],
);
const c = tf.relu(tf.matMul(a, b));
console.log(tf.getBackend(), (await c.data())[3]);

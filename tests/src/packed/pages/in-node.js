// The README's two lines in Node, and what they change.

import * as tf from "@tensorflow/tfjs";
import { state } from "./state.js";

const before = state();
const { profile, closeDevices } = await import("opcounter");
const imported = state();
const model = tf.sequential({
  layers: [
    tf.layers.conv2d({ name: "conv", inputShape: [8, 8, 3], filters: 4, kernelSize: 3 }),
    tf.layers.batchNormalization({ name: "norm" }),
    tf.layers.flatten({ name: "flat" }),
    tf.layers.dense({ name: "fc", units: 2, activation: "softmax" }),
  ],
});
const input = tf.zeros([1, 8, 8, 3]);
const built = state();
const { macs, flops, params, ops } = await profile(model, [input]);
const options = process.argv[2] === "own copy" ? { tf } : {};
const reading = await profile(
  (x) => (x.sum().dataSync()[0] === 0 ? model.predict(x) : x),
  [input],
  options,
);
const masking = async (x) => await tf.booleanMaskAsync(x.flatten(), tf.ones([192], "bool"));
const masked = await profile(masking, [input], options);
await closeDevices();
console.log(
  JSON.stringify({
    macs,
    flops,
    params,
    scopes: ops.map(({ scope }) => scope),
    reading: reading.macs,
    masked: masked.ops.map(({ kernel }) => kernel),
    before,
    imported,
    built,
    after: state(),
  }),
);

// A page that runs on its own WebGPU backend, and profiles on it.

import * as tf from "@tensorflow/tfjs";
import { repeated, state } from "./state.js";
import "@tensorflow/tfjs-backend-webgpu";
import { closeDevices, profile } from "opcounter";

await tf.setBackend("webgpu");
const input = tf.ones([40, 40]);
const before = state();
const report = (device) => profile((x) => x.matMul(x).relu(), [input], { device });
const devices = [(await report("gpu")).device, (await report("virtual")).device];
// A function that reads its input, which only the page's device has.
const read = await profile(async (x) => ((await x.data())[0] === 1 ? x.relu() : x.neg()), [input], {
  device: "virtual",
});
const kernels = read.ops.map(({ kernel }) => kernel);
const macs = (await report("gpu")).macs;
const product = tf.tidy(() => input.matMul(input).slice([0, 0], [1, 2]));
const values = Array.from(await product.data());
product.dispose();
await closeDevices();
const result = { devices, kernels, macs, values, before, after: state(), repeated: repeated() };
await fetch("/result", { method: "POST", body: JSON.stringify(result) });

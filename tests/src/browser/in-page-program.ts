import * as tf from "@tensorflow/tfjs";
import { profile, trace } from "opcounter";

/** Runs in the page: profiles a model on each device and sends what came out to the test. */
async function run(): Promise<unknown> {
  const model = tf.sequential({
    layers: [
      tf.layers.conv2d({ name: "conv", inputShape: [16, 16, 3], filters: 8, kernelSize: 3 }),
      tf.layers.globalAveragePooling2d({ name: "pool" }),
      tf.layers.dense({ name: "fc", units: 4, activation: "softmax" }),
    ],
  });
  await tf.setBackend("cpu");
  const image = tf.ones([1, 16, 16, 3]);
  const before = Array.from((model.predict(image) as tf.Tensor).dataSync());
  const virtual = await profile(model, [image], { device: "virtual" });
  const gpu = await profile(model, [image], { device: "gpu" });
  const reading = await trace(
    async (x: tf.Tensor2D) => ((await x.matMul(x).data())[0] === 40 ? x.relu() : x.neg()),
    [tf.ones([40, 40])],
    { device: "gpu" },
  );
  const timed = await profile(model, [image], { device: "gpu", time: { runs: 12 } });
  const after = Array.from((model.predict(image) as tf.Tensor).dataSync());
  const kernels = ({ ops }: typeof virtual) =>
    ops.map(({ kernel, scope, placement, cost }) => ({ kernel, scope, placement, cost }));
  return {
    macs: virtual.macs,
    params: virtual.params,
    devices: [virtual.device, gpu.device],
    virtual: kernels(virtual),
    gpu: kernels(gpu),
    reading: reading.ops.map(({ kernel }) => kernel),
    times: timed.recorded?.times,
    timedMs: timed.totals.gpuTimeMs,
    unchanged: JSON.stringify(before) === JSON.stringify(after),
    backend: tf.getBackend(),
  };
}

await fetch("/result", { method: "POST", body: JSON.stringify(await run()) });

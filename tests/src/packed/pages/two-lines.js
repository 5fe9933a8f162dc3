// The README's two lines, in a page or a worker.

import * as tf from "@tensorflow/tfjs";
import { closeDevices, profile } from "opcounter";
import { repeated, state } from "./state.js";

export async function twoLines() {
  const imported = state();
  const model = tf.sequential({
    layers: [
      tf.layers.conv2d({ inputShape: [224, 224, 3], filters: 8, kernelSize: 3, name: "conv" }),
    ],
  });
  const input = tf.zeros([1, 224, 224, 3]);
  const before = state();
  const { macs, flops, params, device } = await profile(model, [input], { device: "virtual" });
  const called = await profile((x) => model.predict(x).relu(), [input], { device: "virtual" });
  await closeDevices();
  const scopes = called.ops.map(({ scope }) => scope);
  return {
    ...{ macs, flops, params, device, scopes, imported, before, after: state() },
    ...{ repeated: repeated(), values: Array.from(await input.sum().data()) },
  };
}

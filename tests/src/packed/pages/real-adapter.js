// Traces on the adapter that the browser gives a page or a worker.

import * as tf from "@tensorflow/tfjs";
import { closeDevices, print, trace } from "opcounter";
import { repeated, state } from "./state.js";

const conv = tf.layers.conv2d({
  ...{
    name: "adapterConv",
    inputShape: [32, 32, 3],
    filters: 8,
    kernelSize: 3,
    activation: "relu",
  },
  kernelInitializer: "ones",
});
const fc = tf.layers.dense({
  name: "fc",
  units: 4,
  activation: "softmax",
  kernelInitializer: "ones",
});
const pool = tf.layers.globalAveragePooling2d({ name: "pool" });
const layersModel = tf.sequential({ name: "layers", layers: [conv, pool, fc] });

/** Reads a value synchronously, for which TensorFlow.js needs an OffscreenCanvas. */
export const reading = (x) => {
  const product = x.matMul(x);
  return product.dataSync()[0] === 40 ? product.relu() : product.neg();
};

/** @param address of a graph model, which takes long in software; none where it is left out. */
export async function realAdapter(address) {
  await tf.setBackend("cpu");
  const image = tf.ones([1, 32, 32, 3]);
  const targets = [
    [layersModel, image],
    [reading, tf.ones([40, 40])],
  ];
  if (address !== undefined) {
    targets.push([await tf.loadGraphModel(address), tf.zeros([1, 43844, 1])]);
  }
  const before = state();
  const graphs = [];
  for (const [target, input] of targets) {
    graphs.push(print(await trace(target, [input], { device: "gpu", name: "traced" })));
  }
  await closeDevices();
  const sum = image.sum();
  const values = Array.from(await sum.data());
  sum.dispose();
  return { graphs, values, before, after: state(), repeated: repeated() };
}

/** Traces a model again and again; the page's heap is measured between. */
export async function traceOften(times) {
  const image = tf.ones([1, 32, 32, 3]);
  for (let pass = 0; pass < times; pass++) await trace(layersModel, [image], { device: "gpu" });
  image.dispose();
}

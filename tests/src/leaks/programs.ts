import { type DeviceName, trace, traceTraining } from "@opcounter/tracer";
import * as tf from "@tensorflow/tfjs";
import {
  smallGraphModel,
  smallLayersModel,
} from "../../../packages/tracer/testing/small-models.ts";

/** Traces one program once. */
export type TraceOnce = () => Promise<unknown>;

/**
 * What is traced again and again, by name, in Node and in a page. All traces are given one signal,
 * as a program gives that lives long.
 */
export async function programs(
  device: DeviceName,
  signal: AbortSignal,
): Promise<Readonly<Record<string, TraceOnce>>> {
  await tf.setBackend("cpu");
  const options = { device, signal };
  const [layersModel, graphModel] = [smallLayersModel(), await smallGraphModel()];
  const [image, pair] = [tf.zeros([1, 8, 8, 4]), tf.zeros([1, 8, 8, 2])];
  const matrix = tf.ones([40, 40]);
  const stateful = tf.sequential({
    layers: [tf.layers.lstm({ units: 4, stateful: true, batchInputShape: [2, 3, 5] })],
  });
  const sequence = tf.ones([2, 3, 5]);
  const weight = tf.variable(tf.ones([40, 3]));
  const optimizer = tf.train.adam(0.01);
  return {
    "a LayersModel": () => trace(layersModel, [image], options),
    "a GraphModel": () => trace(graphModel, [pair], options),
    "an async function": () =>
      trace(
        async (x: tf.Tensor2D) => {
          const [sum = 0] = await x.matMul(x).sum().data();
          return sum > 0 ? x.relu() : x.neg();
        },
        [matrix],
        options,
      ),
    "a stateful RNN": () => trace(stateful, [sequence], options),
    "a training step": () => traceTraining(layersModel, [image], options),
    "a step of Adam": () =>
      trace(
        (x: tf.Tensor2D) => {
          optimizer.minimize(() => x.matMul(weight).square().mean(), false, [weight]);
        },
        [matrix],
        options,
      ),
  };
}

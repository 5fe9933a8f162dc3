import * as tf from "@tensorflow/tfjs";
import { profile } from "opcounter";

const model = tf.sequential({
  layers: [
    tf.layers.conv2d({ inputShape: [32, 32, 3], filters: 8, kernelSize: 3, activation: "relu" }),
    tf.layers.globalAveragePooling2d({}),
    tf.layers.dense({ units: 10, activation: "softmax" }),
  ],
});

const { macs, params } = await profile(model, [tf.zeros([1, 32, 32, 3])]);
console.log(`${macs} MACs, ${params} parameters`);

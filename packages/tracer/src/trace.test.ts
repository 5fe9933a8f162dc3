import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { trace } from "./index.ts";

describe("trace", () => {
  it("probe", async () => {
    const model = tf.sequential({
      layers: [
        tf.layers.conv2d({
          name: "features/conv1",
          inputShape: [8, 8, 3],
          filters: 4,
          kernelSize: 3,
          activation: "relu",
        }),
        tf.layers.batchNormalization({ name: "bn" }),
        tf.layers.flatten({ name: "flatten" }),
        tf.layers.dense({ name: "fc", units: 10, activation: "softmax" }),
      ],
    });
    const before = tf.memory();
    const x = tf.zeros([1, 8, 8, 3]);
    const graph = await trace(model, [x], { device: "virtual" });
    x.dispose();
    console.log(JSON.stringify(graph, null, 1).replace(/\n\s+/g, " "));
    console.log(tf.getBackend(), before, tf.memory());
    expect(graph.ops.length).to.be.greaterThan(3);
  });
});

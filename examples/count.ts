import * as tf from "@tensorflow/tfjs";
import { count, trace } from "opcounter";

const model = tf.sequential({
  layers: [
    tf.layers.dense({ name: "hidden", units: 64, inputShape: [128], activation: "relu" }),
    tf.layers.dense({ name: "output", units: 10 }),
  ],
});
const graph = await trace(model, [tf.zeros([1, 128])], { device: "virtual" });

// The same graph by another tool's rules, and with the first layer counted by a rule of one's own.
const native = count(graph);
const thop = count(graph, { convention: "thop@head" });
const sparse = count(graph, {
  counters: {
    scopes: { hidden: ({ kernel }) => (kernel === "_FusedMatMul" ? { macs: 100 } : {}) },
  },
});
console.log(native.macs, thop.macs, sparse.macs);
for (const { kernel, scope, formula } of native.ops) {
  if (formula.macs) console.log(`${scope}: ${kernel} has ${formula.macs.numbers} MACs`);
}

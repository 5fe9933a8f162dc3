// What a page that has several copies of TensorFlow.js finds: the counts of a model of each copy,
// and of a function that calls it, on inputs of each copy.
import { closeDevices, profile } from "opcounter";

/** A batch norm has statistics, which are no parameters where its layer is seen. */
const modelOf = (tf, name) =>
  tf.sequential({
    layers: [
      tf.layers.conv2d({ name: `${name}_conv`, inputShape: [8, 8, 3], filters: 4, kernelSize: 3 }),
      tf.layers.batchNormalization({ name: `${name}_norm` }),
      tf.layers.flatten({ name: `${name}_flat` }),
      tf.layers.dense({ name: `${name}_fc`, units: 2, activation: "softmax" }),
    ],
  });

/** Of the engine that all copies share: what a trace must leave as it was. */
function state() {
  const { registryFactory, backendName, state: engineState } = globalThis._tfengine;
  return {
    backends: Object.entries(registryFactory).map(([name, { priority }]) => `${name} ${priority}`),
    ...{ active: backendName, tensors: engineState.numTensors },
    scopes: engineState.scopeStack.length,
    globals: Object.getOwnPropertyNames(globalThis).sort(),
  };
}

const brief = ({ macs, flops, params, ops }) => ({
  ...{ macs, flops, params },
  scopes: ops.map(({ scope }) => scope.replace(/^copy\d_/, "")),
});

/** @param copies the copies, in the order in which the page loaded them. */
export async function countWith(copies) {
  await copies[0].setBackend("cpu");
  const models = copies.map((tf, place) => [tf, modelOf(tf, `copy${place}`)]);
  const inputs = copies.map((tf) => tf.ones([1, 8, 8, 3]));
  const before = state();
  const counted = { models: [], functions: [], masks: [] };
  const device = "virtual";
  for (const [tf, model] of models) {
    for (const input of inputs) {
      const reading = (x) => (x.sum().dataSync()[0] === 192 ? model.predict(x) : x);
      const masking = (x) => tf.booleanMaskAsync(x.flatten(), tf.ones([192], "bool"));
      counted.models.push(brief(await profile(model, [input], { device })));
      counted.functions.push(brief(await profile(reading, [input], { device, tf })));
      const { ops } = await profile(masking, [input], { device, tf });
      counted.masks.push(ops.map(({ kernel }) => kernel));
    }
  }
  // What is said of a function that runs a model, where the copy is not handed over.
  const said = [];
  for (const [, model] of models) {
    const running = profile((x) => model.predict(x), [inputs[0]], { device });
    said.push(await running.then(({ warnings }) => warnings.join(" "), String));
  }
  await closeDevices();
  const versions = copies.map(({ version_core }) => version_core);
  return { counted, said, versions, before, after: state() };
}

export const post = (result) => fetch("/result", { method: "POST", body: JSON.stringify(result) });

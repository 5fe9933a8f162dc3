// What a page has that profiling must leave as it was. Loaded before everything else of the page.
import * as tf from "@tensorflow/tfjs";

const warnings = [];
const { warn } = console;
console.warn = (...args) => {
  warnings.push(args.join(" "));
  warn(...args);
};

/** Registered backends by priority, the active one, tensors, and names in the global scope. */
export function state() {
  const { registryFactory, backendName } = tf.engine();
  return {
    backends: Object.entries(registryFactory).map(([name, { priority }]) => `${name} ${priority}`),
    active: backendName ?? null,
    tensors: tf.engine().state.numTensors,
    globals: Object.getOwnPropertyNames(globalThis).sort(),
  };
}

/** What tfjs said of kernels, backends and platforms that are there twice. */
export const repeated = () => warnings.filter((text) => /already|overwrit/i.test(text));

import * as counters from "@opcounter/counters";
import * as ir from "@opcounter/ir";
import * as tracer from "@opcounter/tracer";
import * as data from "@tensorflow/tfjs-data";
import * as api from "../../index.ts";
import { SHARED_MODULES, type SharedName } from "../../target/shared-modules.ts";
import * as tf from "../../tfjs.ts";

/** The TensorFlow.js that modules get: the page's own, and `tf.data`. */
const tfjs = { ...tf, data };

export function tfjsForModules(): object {
  return tfjs;
}

/** Makes what modules import from the command line's own packages the page's copies. */
export function shareModules(): void {
  const modules: Record<SharedName, object> = { tfjs, data, api, ir, counters, tracer };
  for (const [name, { key }] of Object.entries(SHARED_MODULES)) {
    Reflect.set(globalThis, Symbol.for(key), Reflect.get(modules, name));
  }
}

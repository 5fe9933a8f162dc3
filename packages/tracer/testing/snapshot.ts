import * as tf from "@tensorflow/tfjs";

/**
 * All that a trace might change outside itself, by name: functions and objects by identity, numbers
 * and strings by value. Two snapshots are equal where nothing changed.
 *
 * @param tensors tensors of the user's own: their data, its owner and how many tensors share it.
 */
export function snapshot(tensors: readonly tf.Tensor[] = []): Map<string, unknown> {
  const engine = tf.engine();
  const state: object = engine.state;
  const found = new Map<string, unknown>();
  const add = (name: string, object: object) => {
    for (const [key, value] of membersOf(object)) found.set(`${name}.${key}`, value);
  };
  add("engine", engine);
  // Made anew by every tf.setBackend().
  found.delete("engine.profiler");
  // Each grows with what was ever made.
  for (const name of ["pendingBackendInitId", "nextTensorId"]) found.delete(`engine.${name}`);
  add("registry", engine.registry);
  add("registryFactory", engine.registryFactory);
  for (const name of STATE) found.set(`state.${name}`, plain(Reflect.get(state, name)));
  add("memory", { ...tf.memory(), reasons: String(tf.memory().reasons) });
  for (const name of Object.keys(Reflect.get(engine.ENV, "flagRegistry"))) {
    // WebGL's would ask Node for a canvas.
    if (!name.includes("WEBGL")) found.set(`flag ${name}`, flagOf(name));
  }
  for (const [name, object] of Object.entries(PATCHED)) add(name, object);
  const globals: unknown = Reflect.get(globalThis, "_tfGlobals");
  if (globals instanceof Map) {
    for (const [name, kernel] of globals.get("kernelRegistry")) {
      found.set(`kernel ${name}`, Reflect.get(kernel, "kernelFunc"));
    }
  }
  // Asked for beforehand, too: Node 22 and later load some globals then, which adds others.
  membersOf(globalThis);
  add("globalThis", globalThis);
  for (const event of process.eventNames()) {
    found.set(`listeners of ${String(event)}`, process.listenerCount(event));
  }
  tensors.forEach((tensor, place) => {
    addTensor(found, `tensor ${place}`, tensor);
  });
  return found;
}

const STATE = [
  ...["gradientDepth", "kernelDepth", "numBytes", "numTensors", "numStringTensors"],
  ...["numDataBuffers", "activeTape", "activeScope", "scopeStack", "registeredVariables"],
  ...["profiling", "numDataMovesStack"],
];

/** What tfjs's classes do, wherever a patch may be put. */
const PATCHED: Readonly<Record<string, object>> = {
  Tensor: tf.Tensor.prototype,
  Variable: tf.Variable.prototype,
  Optimizer: tf.Optimizer.prototype,
  ENV: tf.env(),
  image: tf.image,
  ...prototypesOf("LayersModel", tf.LayersModel.prototype),
  ...prototypesOf("RNN", tf.RNN.prototype),
  GraphModel: tf.GraphModel.prototype,
};

/** The prototypes of a class and of those that it extends. */
function prototypesOf(name: string, prototype: object): Record<string, object> {
  const found: Record<string, object> = {};
  for (let at = prototype, i = 0; at !== Object.prototype; at = Object.getPrototypeOf(at), i++) {
    found[`${name} ${i}`] = at;
  }
  return found;
}

/** Members by name: what they hold, or the function that gets it. */
function membersOf(object: object): [string, unknown][] {
  return Reflect.ownKeys(object).map((key) => {
    const { value, get } = Object.getOwnPropertyDescriptor(object, key) ?? {};
    return [String(key), get ?? value];
  });
}

/** A list by its members, since tfjs makes some anew. */
function plain(value: unknown): unknown {
  return Array.isArray(value) ? `list of ${value.length}` : value;
}

function flagOf(name: string): unknown {
  try {
    return tf.env().get(name);
  } catch {
    // It is known asynchronously alone.
    return undefined;
  }
}

function addTensor(found: Map<string, unknown>, name: string, tensor: tf.Tensor): void {
  found.set(`${name} is disposed`, tensor.isDisposed);
  if (tensor.isDisposed) return;
  const backend = tf.engine().state.tensorInfo.get(tensor.dataId)?.backend;
  found.set(`${name} is on`, backend);
  found.set(`${name} is shared by`, backend?.refCount(tensor.dataId));
  found.set(`${name} holds`, String(tensor.dataSync()));
}

/** What is not the same in two snapshots: `registry.cpu: added`. */
export function changes(before: Map<string, unknown>, after: Map<string, unknown>): string[] {
  const names = new Set([...before.keys(), ...after.keys()]);
  return [...names].flatMap((name) => {
    if (!before.has(name)) return `${name}: added`;
    if (!after.has(name)) return `${name}: removed`;
    const [was, is] = [before.get(name), after.get(name)];
    return Object.is(was, is) ? [] : `${name}: ${shown(was)}, then ${shown(is)}`;
  });
}

function shown(value: unknown): string {
  return typeof value === "function" || typeof value === "object" ? typeof value : String(value);
}

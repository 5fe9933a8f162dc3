import type { Tensor } from "@tensorflow/tfjs-core";
import { own } from "../patches/patch.ts";
import { runAll } from "../patches/undo.ts";
import type { ParamSource } from "../targets/param-source.ts";
import type { TfjsClasses } from "../tfjs/classes.ts";
import { isTensor } from "../tfjs/engine.ts";
import type { Recorder } from "./recorder.ts";

/** The parts of a tfjs layer that are looked at; models are layers too. */
export interface Layer {
  readonly name: string;
  readonly weights: readonly LayerWeight[];
  /** Those that training changes: none where the layer, or the model around it, is frozen. */
  readonly trainableWeights: readonly LayerWeight[];
  apply(inputs: unknown, kwargs?: unknown): unknown;
  getClassName(): string;
}

interface LayerWeight {
  readonly originalName: string;
  read(): Tensor;
}

export function isLayer(value: unknown): value is Layer {
  return (
    typeof value === "object" &&
    value !== null &&
    "apply" in value &&
    "getClassName" in value &&
    "trainableWeights" in value
  );
}

/**
 * Makes every call of a layer a call in the graph, until the returned function is called.
 *
 * @param classes the copies of tfjs-layers whose layers are to be seen, beside the model's own.
 * @param onCall told of each call before it begins.
 */
export function watchLayers(
  recorder: Recorder,
  model: Layer | undefined,
  classes: readonly TfjsClasses[],
  onCall: (layer: Layer) => void,
): () => void {
  const examples = [model, ...classes.map(({ LayersModel }) => LayersModel?.prototype)];
  const prototypes = new Set<object>();
  for (const example of examples) {
    const prototype = example && ownerOf(example, "apply");
    if (prototype !== undefined) prototypes.add(prototype);
  }
  const undo = [...prototypes].map((prototype) => watchApply(recorder, prototype, onCall));
  return () => runAll(undo);
}

/** The deepest prototype that defines a method: `Layer.prototype` among a layer's prototypes. */
function ownerOf(object: object, method: string): object | undefined {
  let owner: object | undefined;
  for (let at: object | null = object; at !== null; at = Object.getPrototypeOf(at)) {
    if (Object.hasOwn(at, method)) owner = at;
  }
  return owner;
}

function watchApply(
  recorder: Recorder,
  prototype: object,
  onCall: (layer: Layer) => void,
): () => void {
  const original = Object.getOwnPropertyDescriptor(prototype, "apply");
  const apply: unknown = original?.value;
  if (original === undefined || typeof apply !== "function") return () => undefined;
  function watched(this: unknown, inputs: unknown, kwargs?: unknown): unknown {
    const call = () => Reflect.apply(apply as CallableFunction, this, [inputs, kwargs]);
    const tensors = tensorsIn(inputs);
    // Symbolic calls build a model; they execute nothing.
    if (!isLayer(this) || tensors.length === 0) return call();
    const undo = wrappedLayers(this).map((inner) => watchCall(recorder, inner, onCall));
    onCall(this);
    try {
      return recordCall(recorder, this, tensors, call);
    } finally {
      runAll(undo);
    }
  }
  Object.defineProperty(prototype, "apply", { ...original, value: watched });
  return () => Object.defineProperty(prototype, "apply", original);
}

/**
 * The layers that a wrapper (`Bidirectional`, `TimeDistributed`) holds. It runs them by `call`,
 * past `apply`.
 */
function wrappedLayers(wrapper: Layer): Layer[] {
  if (!("layer" in wrapper)) return [];
  return ["layer", "forwardLayer", "backwardLayer"]
    .map((name): unknown => Reflect.get(wrapper, name))
    .filter(isLayer);
}

/** Makes each `call` of this one layer a call in the graph, until the returned function is called. */
function watchCall(recorder: Recorder, layer: Layer, onCall: (layer: Layer) => void): () => void {
  const call: unknown = Reflect.get(layer, "call");
  if (typeof call !== "function" || Object.hasOwn(layer, "call")) return () => undefined;
  const watched = (inputs: unknown, kwargs?: unknown) => {
    onCall(layer);
    return recordCall(recorder, layer, tensorsIn(inputs), () => call.call(layer, inputs, kwargs));
  };
  return own(layer, "call", watched);
}

function recordCall(
  recorder: Recorder,
  layer: Layer,
  inputs: readonly Tensor[],
  call: () => unknown,
): unknown {
  const frames = recorder.scopes.depth;
  recorder.enterLayer(layer.getClassName(), layer.name, inputs, () => paramsOfLayer(layer));
  try {
    const outputs = call();
    recorder.scopes.unwind(frames + 1);
    recorder.leaveLayer(tensorsIn(outputs), ownParams(layer));
    return outputs;
  } finally {
    recorder.scopes.unwind(frames);
  }
}

/** Every parameter of a layer or model and of the layers inside it, each once. */
export function paramsOfLayer(layer: Layer): ParamSource[] {
  const statistics = new Set<LayerWeight>();
  for (const part of [layer, ...innerLayers(layer)]) {
    for (const weight of declaredUntrainable(part)) statistics.add(weight);
  }
  const trainable = new Set(layer.trainableWeights);
  return layer.weights.map((weight) => ({
    tensor: weight.read(),
    name: weight.originalName,
    trainable: trainable.has(weight),
    role: statistics.has(weight) ? "statistic" : "weight",
  }));
}

/**
 * The parameters of a layer that belong to none of the layers inside it. A recurrent layer's cell
 * is a layer that never runs as one: its parameters are the recurrent layer's own.
 */
function ownParams(layer: Layer): ParamSource[] {
  const inner = new Set(
    innerLayers(layer)
      .filter((part) => !("stateSize" in part))
      .flatMap(({ weights }) => weights.map((weight) => weight.read().id)),
  );
  return paramsOfLayer(layer).filter(({ tensor }) => !inner.has(tensor.id));
}

/**
 * The layers that a layer holds, at any depth: a model's layers, a wrapper's layer, a recurrent
 * layer's cells.
 */
function innerLayers(layer: Layer, seen = new Set<Layer>([layer])): Layer[] {
  const found: Layer[] = [];
  for (const property of Object.values(layer)) {
    for (const candidate of Array.isArray(property) ? property : [property]) {
      if (!isLayer(candidate) || seen.has(candidate)) continue;
      seen.add(candidate);
      found.push(candidate, ...innerLayers(candidate, seen));
    }
  }
  return found;
}

/**
 * The weights a layer declared not to be trained, such as the moving statistics of batch
 * normalization. Freezing a layer does not change this list, as it does `nonTrainableWeights`.
 */
function declaredUntrainable(layer: Layer): LayerWeight[] {
  const declared: unknown = Reflect.get(layer, "_nonTrainableWeights");
  return Array.isArray(declared) ? declared : [];
}

/**
 * The tensors in what a function takes or returns: a tensor, or arrays, records, Maps and Sets of
 * them.
 *
 * @param onOther told of every other object in there.
 */
export function tensorsIn(
  value: unknown,
  onOther: (object: object) => void = () => undefined,
): Tensor[] {
  const found: Tensor[] = [];
  /** What is being searched: a record may hold itself. */
  const around = new Set<object>();
  const search = (value: unknown) => {
    if (typeof value !== "object" || value === null || around.has(value)) return;
    if (isTensor(value)) {
      found.push(value);
      return;
    }
    const isIterable = Array.isArray(value) || value instanceof Map || value instanceof Set;
    if (!isIterable && !isPlain(value)) {
      onOther(value);
      return;
    }
    around.add(value);
    for (const part of isIterable ? value.values() : Object.values(value)) search(part);
    around.delete(value);
  };
  search(value);
  return found;
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

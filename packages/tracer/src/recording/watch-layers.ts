import type { Tensor } from "@tensorflow/tfjs-core";
import { wrapMethod } from "../patches/patch.ts";
import { takeBack } from "../patches/undo.ts";
import { isLayer, type Layer } from "../targets/layer.ts";
import { tensorsIn } from "../targets/tensors-in.ts";
import type { TfjsClasses } from "../tfjs/classes.ts";
import type { Recorder } from "./recorder.ts";

/** What records the calls of layers. */
export interface LayerCalls extends Pick<Recorder, "enterLayer" | "leaveLayer"> {
  readonly scopes: Pick<Recorder["scopes"], "depth" | "unwind">;
  /** Whether calls go unrecorded now. */
  readonly isPaused?: boolean;
}

/**
 * Makes every call of a layer a call in the graph. Returns what ends that.
 *
 * @param classes the copies of tfjs-layers whose layers are watched.
 * @param onCall called with the layer before each call.
 */
export function watchLayers(
  recorder: LayerCalls,
  classes: readonly TfjsClasses[],
  onCall: (layer: Layer) => void,
): () => void {
  const undo = layerPrototypes(classes).map((prototype) => watchApply(recorder, prototype, onCall));
  return () => takeBack(undo);
}

/** `Layer.prototype` of each copy of tfjs-layers. */
export function layerPrototypes(classes: readonly TfjsClasses[]): object[] {
  const prototypes = new Set<object>();
  for (const { LayersModel } of classes) {
    const prototype = LayersModel && ownerOf(LayersModel.prototype, "apply");
    if (prototype !== undefined) prototypes.add(prototype);
  }
  return [...prototypes];
}

/** The deepest prototype that defines a method: `Layer.prototype` among a layer's prototypes. */
export function ownerOf(object: object, method: string): object | undefined {
  let owner: object | undefined;
  for (let at: object | null = object; at !== null; at = Object.getPrototypeOf(at)) {
    if (Object.hasOwn(at, method)) owner = at;
  }
  return owner;
}

function watchApply(
  recorder: LayerCalls,
  prototype: object,
  onCall: (layer: Layer) => void,
): () => void {
  return wrapMethod(prototype, "apply", (layer, call, [inputs]) => {
    if (recorder.isPaused || !isLayer(layer)) return call();
    const tensors = tensorsIn(inputs);
    // Symbolic calls build a model; they execute nothing.
    if (tensors.length === 0) return call();
    onCall(layer);
    return "layer" in layer
      ? callWrapper(recorder, layer, tensors, call, onCall)
      : recordCall(recorder, layer, tensors, call);
  });
}

/** A wrapper's call: `Bidirectional` and `TimeDistributed` run `call` of their layers past `apply`. */
function callWrapper(
  recorder: LayerCalls,
  wrapper: Layer,
  inputs: readonly Tensor[],
  call: () => unknown,
  onCall: (layer: Layer) => void,
): unknown {
  const undo = wrappedLayers(wrapper).map((inner) => watchCall(recorder, inner, onCall));
  try {
    return recordCall(recorder, wrapper, inputs, call);
  } finally {
    takeBack(undo);
  }
}

function wrappedLayers(wrapper: Layer): Layer[] {
  return ["layer", "forwardLayer", "backwardLayer"]
    .map((name): unknown => Reflect.get(wrapper, name))
    .filter(isLayer);
}

/** Makes each `call` of this one layer a call in the graph. Returns what ends that. */
function watchCall(recorder: LayerCalls, layer: Layer, onCall: (layer: Layer) => void): () => void {
  // Another running wrapper watches it already, or the method is the user's own.
  if (Object.hasOwn(layer, "call")) return () => undefined;
  return wrapMethod(layer, "call", (_, call, [inputs]) => {
    onCall(layer);
    return recordCall(recorder, layer, tensorsIn(inputs), call);
  });
}

function recordCall(
  recorder: LayerCalls,
  layer: Layer,
  inputs: readonly Tensor[],
  call: () => unknown,
): unknown {
  const frames = recorder.scopes.depth;
  recorder.enterLayer(layer, inputs);
  try {
    const outputs = call();
    recorder.scopes.unwind(frames + 1);
    recorder.leaveLayer(layer, tensorsIn(outputs));
    return outputs;
  } finally {
    recorder.scopes.unwind(frames);
  }
}

import type { Tensor } from "@tensorflow/tfjs-core";
import type { ParamSource } from "./param-source.ts";

/** The members of a tfjs layer that opcounter uses. Models are layers too. */
export interface Layer {
  readonly name: string;
  readonly weights: readonly LayerWeight[];
  /** The weights that training changes: none where the layer, or the model around it, is frozen. */
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
    // Initializers have the other two as well.
    "trainableWeights" in value &&
    "apply" in value &&
    "getClassName" in value
  );
}

/** Every parameter of a layer or model and of the layers inside it, each once. */
export function paramsOfLayer(layer: Layer): ParamSource[] {
  return paramsOf(layer, innerLayers(layer));
}

function paramsOf(layer: Layer, inner: readonly Layer[]): ParamSource[] {
  const statistics = new Set(declaredUntrainable(layer));
  for (const part of inner) {
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
 * is never called as a layer, so its parameters are the recurrent layer's.
 */
export function ownParams(layer: Layer): ParamSource[] {
  const inner = innerLayers(layer);
  const params = paramsOf(layer, inner);
  if (inner.length === 0) return params;
  const theirs = new Set(
    inner
      .filter((part) => !("stateSize" in part))
      .flatMap(({ weights }) => weights.map((weight) => weight.read().id)),
  );
  return params.filter(({ tensor }) => !theirs.has(tensor.id));
}

/**
 * The layers that a layer holds, at any depth: a model's layers, a wrapper's layer, a recurrent
 * layer's cells.
 */
export function innerLayers(layer: Layer, seen = new Set<Layer>([layer])): Layer[] {
  const found: Layer[] = [];
  const add = (candidate: unknown) => {
    if (!isLayer(candidate) || seen.has(candidate)) return;
    seen.add(candidate);
    found.push(candidate, ...innerLayers(candidate, seen));
  };
  for (const property of Object.values(layer)) {
    if (typeof property !== "object" || property === null) continue;
    if (Array.isArray(property)) property.forEach(add);
    else add(property);
  }
  return found;
}

/**
 * The weights that a layer declares untrainable, such as the moving statistics of batch
 * normalization. In contrast to `nonTrainableWeights`, freezing a layer does not change this list.
 */
function declaredUntrainable(layer: Layer): LayerWeight[] {
  const declared: unknown = Reflect.get(layer, "_nonTrainableWeights");
  return Array.isArray(declared) ? declared : [];
}

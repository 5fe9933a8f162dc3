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
    "apply" in value &&
    "getClassName" in value &&
    "trainableWeights" in value
  );
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
 * is never called as a layer, so its parameters are the recurrent layer's.
 */
export function ownParams(layer: Layer): ParamSource[] {
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
export function innerLayers(layer: Layer, seen = new Set<Layer>([layer])): Layer[] {
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
 * The weights that a layer declares untrainable, such as the moving statistics of batch
 * normalization. In contrast to `nonTrainableWeights`, freezing a layer does not change this list.
 */
function declaredUntrainable(layer: Layer): LayerWeight[] {
  const declared: unknown = Reflect.get(layer, "_nonTrainableWeights");
  return Array.isArray(declared) ? declared : [];
}

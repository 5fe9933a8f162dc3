import type { Tensor } from "@tensorflow/tfjs-core";
import type { ParamSource } from "./param-source.ts";

/** The members of a tfjs layer that opcounter uses. Models are layers too. */
export interface Layer {
  readonly name: string;
  readonly weights: readonly LayerWeight[];
  /** The weights that training changes: none where the layer, or the model around it, is frozen. */
  readonly trainableWeights: readonly LayerWeight[];
  readonly nonTrainableWeights: readonly LayerWeight[];
  /** The last property that tfjs gives to all layers, before those of its class. */
  readonly outboundNodes: unknown;
  apply(inputs: unknown, kwargs?: unknown): unknown;
  getClassName(): string;
}

interface LayerWeight {
  readonly originalName: string;
  read(): Tensor;
}

export function isLayer(value: unknown): value is Layer {
  if (typeof value !== "object" || value === null) return false;
  // `in` takes several times as long on objects of many classes, of which each layer has a dozen.
  const layer: { apply?: unknown; inboundNodes?: unknown } = value;
  // Initializers can be applied as well. What most objects lack is asked first.
  return layer.inboundNodes !== undefined && layer.apply !== undefined;
}

/**
 * Every parameter of a layer or model and of the layers inside it, each once.
 *
 * @param layers it and the layers inside it, where they are known.
 */
export function paramsOfLayer(
  layer: Layer,
  layers: Iterable<Layer> = layersIn([layer]),
): ParamSource[] {
  const statistics = new Set<LayerWeight>();
  for (const part of layers) {
    for (const weight of declaredUntrainable(part)) statistics.add(weight);
  }
  const trained = layer.trainableWeights;
  // What a model's `weights` are, which concatenates those of all its layers once more.
  const weights = "layers" in layer ? [...trained, ...layer.nonTrainableWeights] : layer.weights;
  const trainable = new Set(trained);
  return weights.map((weight) => ({
    tensor: weight.read(),
    name: weight.originalName,
    trainable: trainable.has(weight),
    role: statistics.has(weight) ? "statistic" : "weight",
  }));
}

/** The parameters of a layer that belong to none of the layers inside it. */
export function ownParams(layer: Layer): ParamSource[] {
  const own = new Set(ownWeights(layer));
  return own.size === 0 ? [] : paramsOfLayer(layer).filter(({ tensor }) => own.has(tensor));
}

/**
 * The tensors of those parameters, in the same order. A recurrent layer's cell is never called as a
 * layer, so its parameters are the recurrent layer's.
 */
export function ownWeights(layer: Layer): Tensor[] {
  const { weights } = layer;
  if (weights.length === 0) return [];
  const tensors = weights.map((weight) => weight.read());
  // Most layers declare all their weights themselves, and hold no others: a search takes long.
  const declared = declaredTrainable(layer).length + declaredUntrainable(layer).length;
  if (declared === weights.length) return tensors;
  const theirs = new Set(
    innerLayers(layer)
      .filter((part) => !("stateSize" in part))
      .flatMap((part) => part.weights.map((weight) => weight.read())),
  );
  return tensors.filter((tensor) => !theirs.has(tensor));
}

/** The layers that a layer holds, at any depth. */
function innerLayers(layer: Layer): Layer[] {
  return [...layersIn([layer])].slice(1);
}

/**
 * These layers and those that they hold at any depth, each once: a model's layers, a wrapper's
 * layer, a recurrent layer's cells.
 */
export function layersIn(layers: Iterable<Layer>): Set<Layer> {
  const found = new Set<Layer>();
  for (const layer of layers) addLayer(layer, found);
  return found;
}

function addLayer(candidate: unknown, found: Set<Layer>): void {
  if (!isLayer(candidate) || found.has(candidate)) return;
  found.add(candidate);
  const properties = Object.values(candidate);
  // The first are those of all layers, weights and nodes, which hold none. To look at them takes long.
  for (const property of properties.slice(properties.indexOf(candidate.outboundNodes) + 1)) {
    // Most properties are numbers and strings.
    if (typeof property !== "object") continue;
    if (Array.isArray(property)) for (const part of property) addLayer(part, found);
    else addLayer(property, found);
  }
}

/**
 * The weights that a layer declares untrainable, such as the moving statistics of batch
 * normalization. In contrast to `nonTrainableWeights`, freezing a layer does not change this list.
 */
function declaredUntrainable(layer: object): LayerWeight[] {
  const { _nonTrainableWeights: declared }: { _nonTrainableWeights?: unknown } = layer;
  return Array.isArray(declared) ? declared : [];
}

/** The other weights that a layer itself declares, also where it is frozen. */
function declaredTrainable(layer: object): LayerWeight[] {
  const { _trainableWeights: declared }: { _trainableWeights?: unknown } = layer;
  return Array.isArray(declared) ? declared : [];
}

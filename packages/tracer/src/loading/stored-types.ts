import type { StoredType } from "@opcounter/ir/core";
import type * as tf from "@tensorflow/tfjs";
import type { Tensor } from "@tensorflow/tfjs-core";
import { isVirtual } from "../evaluate/leaves.ts";
import { type GraphModel, isGraphModel } from "../recording/watch-graph-models.ts";
import type { Layer } from "../recording/watch-layers.ts";
import { type Engine, engine } from "../tfjs/engine.ts";
import type { WeightGroup } from "./model-json.ts";

/** The type of a weight in the file it was loaded from, where it is quantized there. */
const storedTypes = new WeakMap<Tensor, StoredType>();

export function storedTypeOf(tensor: Tensor): StoredType | undefined {
  return storedTypes.get(tensor);
}

/** Remembers how the weights of a model that was just loaded lie in its files. */
export function rememberStoredTypes(
  model: tf.LayersModel | tf.GraphModel,
  groups: readonly WeightGroup[],
): void {
  const types = new Map(
    groups.flatMap(({ weights }) =>
      weights.flatMap(({ name, quantization }) =>
        quantization === undefined ? [] : [[name, quantization.dtype] as const],
      ),
    ),
  );
  if (types.size === 0) return;
  for (const [name, tensor] of weightsOf(model)) {
    const type = types.get(name);
    if (type !== undefined) storedTypes.set(tensor, type);
  }
}

function weightsOf(model: tf.LayersModel | tf.GraphModel): [name: string, tensor: Tensor][] {
  const candidate: unknown = model;
  if (isGraphModel(candidate)) return weightsOfGraph(candidate);
  // Sound: what tfjs loads is one of the two.
  return (candidate as Layer).weights.map((weight) => [weight.originalName, weight.read()]);
}

function weightsOfGraph({ executor }: GraphModel): [name: string, tensor: Tensor][] {
  return Object.entries(executor.weightMap).flatMap(([name, tensors]) =>
    tensors.map((tensor): [string, Tensor] => [name, tensor]),
  );
}

/**
 * How many elements of each tensor are 0. Tensors whose values nobody knows, since a virtual device
 * was to compute them, are left out.
 */
export async function countZeros(
  tensors: readonly Tensor[],
): Promise<ReadonlyMap<Tensor["id"], number>> {
  const tfEngine = engine();
  const counts = new Map<Tensor["id"], number>();
  for (const tensor of tensors) {
    if (tensor.isDisposed || tensor.dtype === "string") continue;
    const values = await knownValues(tfEngine, tensor);
    if (values === undefined) continue;
    let zeros = 0;
    for (const value of values) if (value === 0) zeros++;
    counts.set(tensor.id, zeros);
  }
  return counts;
}

async function knownValues(tfEngine: Engine, tensor: Tensor) {
  const backend = tfEngine.state.tensorInfo.get(tensor.dataId)?.backend;
  if (backend !== undefined && isVirtual(backend)) return backend.hostValues(tensor.dataId);
  return tensor.data();
}

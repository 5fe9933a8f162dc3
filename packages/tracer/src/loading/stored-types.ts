import type { StoredType } from "@opcounter/ir/core";
import type { Tensor } from "@tensorflow/tfjs-core";
import type { Target } from "../targets/target.ts";
import { traceable } from "../targets/traceable.ts";
import type { WeightGroup } from "./model-json.ts";

/** The type of a weight in the file it was loaded from. Only quantized weights have one. */
const storedTypes = new WeakMap<Tensor, StoredType>();

export function storedTypeOf(tensor: Tensor): StoredType | undefined {
  return storedTypes.get(tensor);
}

/** Remembers how the weights of a model that was just loaded are stored in its files. */
export function rememberStoredTypes(model: Target, groups: readonly WeightGroup[]): void {
  const types = new Map<string, StoredType>();
  for (const { name, quantization } of groups.flatMap(({ weights }) => weights)) {
    if (quantization !== undefined) types.set(name, quantization.dtype);
  }
  if (types.size === 0) return;
  for (const { name, tensor } of traceable(model).params()) {
    const type = types.get(name);
    if (type !== undefined) storedTypes.set(tensor, type);
  }
}

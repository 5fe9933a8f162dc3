import type { Tensor } from "@tensorflow/tfjs-core";
import { isVirtual } from "../devices/backend.ts";
import type { Traceable } from "../targets/target.ts";
import type { Engine } from "../tfjs/engine.ts";

/**
 * Counts the elements that are 0 in each weight, by the tensor's id. The weights are the target's
 * parameters and all variables, since a function may use any variable. Weights whose values a
 * virtual device should have computed are left out.
 */
export async function countZeros(
  tfEngine: Engine,
  target: Traceable,
): Promise<ReadonlyMap<Tensor["id"], number>> {
  const params = target.params().map(({ tensor }) => tensor);
  const tensors: Tensor[] = [...params, ...Object.values(tfEngine.state.registeredVariables)];
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

import { bytesOf, type LeftTensors } from "@opcounter/ir/core";
import type { Tensor } from "@tensorflow/tfjs-core";
import type { DataId, Engine } from "../tfjs/engine.ts";
import type { Recorder } from "./recorder.ts";

/**
 * The tensors that a program leaves when it ends: those of its scopes that are neither disposed of,
 * nor returned, nor kept. Where it is called outside of `tf.tidy`, each call leaks them.
 *
 * @param tracked the tensors that tfjs tracks in the program's scopes.
 * @param engine has the variables, which hold the memory of the tensors that they are made of.
 */
export function leftTensors(
  recorder: Recorder,
  tracked: readonly Tensor[],
  results: readonly Tensor[],
  { state }: Engine,
): LeftTensors[] {
  const returned = new Set(results);
  const variables = Object.values(state.registeredVariables);
  const assigned = new Set<DataId>(variables.map(({ dataId }) => dataId));
  // Memory that a result holds is not left.
  const seen = new Set<DataId>(results.map(({ dataId }) => dataId));
  const rows = new Map<string, LeftTensors>();
  for (const tensor of tracked) {
    if (tensor.isDisposed || tensor.kept || returned.has(tensor)) continue;
    if (assigned.has(tensor.dataId)) continue;
    const { kernel, scope } = recorder.makerOf(tensor) ?? { kernel: "", scope: [] };
    const key = JSON.stringify([kernel, scope]);
    const row = rows.get(key) ?? { kernel, scope, tensors: 0, bytes: 0 };
    const bytes = seen.has(tensor.dataId) ? 0 : bytesOf(tensor);
    seen.add(tensor.dataId);
    rows.set(key, { ...row, tensors: row.tensors + 1, bytes: row.bytes + bytes });
  }
  return [...rows.values()].sort((a, b) => b.bytes - a.bytes);
}

import type { Tensor } from "@tensorflow/tfjs-core";
import { isTensor } from "../tfjs/engine.ts";

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
  if (isTensor(value)) return [value];
  // What layers are called with, at every call.
  if (Array.isArray(value) && value.every(isTensor)) return [...value];
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

import type { Tensor } from "@tensorflow/tfjs-core";
import { isTensor } from "../tfjs/engine.ts";

/**
 * The tensors among a kernel's inputs, named as the IR names operands: a list `splits` becomes
 * `splits.0`, `splits.1`, …. An input that is no tensor, such as an image or an absent bias, is no
 * operand.
 */
export function namedTensors(inputs: object): [name: string, tensor: Tensor][] {
  const named: [name: string, tensor: Tensor][] = [];
  const entries: readonly [string, unknown][] = Object.entries(inputs);
  for (const [name, input] of entries) {
    if (isTensor(input)) {
      named.push([name, input]);
    } else if (Array.isArray(input)) {
      input.forEach((item: unknown, i) => {
        if (isTensor(item)) named.push([`${name}.${i}`, item]);
      });
    }
  }
  return named;
}

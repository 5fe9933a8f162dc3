import type { Tensor } from "@tensorflow/tfjs-core";
import { isTensor } from "../tfjs/engine.ts";

/** An operand of a kernel that runs. */
export interface NamedTensor {
  readonly name: string;
  readonly tensor: Tensor;
}

/**
 * The tensors among a kernel's inputs, named as the IR names operands: a list `splits` becomes
 * `splits.0`, `splits.1`, …. An input that is no tensor, such as an image or an absent bias, is no
 * operand.
 */
export function namedTensors(inputs: object): NamedTensor[] {
  const named: NamedTensor[] = [];
  // Of a copy, whose names are all its own. Lists of entries take longer, and kernels are many.
  const record: Readonly<Record<string, unknown>> = { ...inputs };
  for (const name in record) {
    const input = record[name];
    if (isTensor(input)) {
      named.push({ name, tensor: input });
    } else if (Array.isArray(input)) {
      input.forEach((item: unknown, i) => {
        if (isTensor(item)) named.push({ name: `${name}.${i}`, tensor: item });
      });
    }
  }
  return named;
}

import type { Tensor } from "@tensorflow/tfjs-core";
import { type ModelInputs, mapInputs } from "../targets/inputs.ts";
import { aliasOf, type Engine, isVariable } from "../tfjs/engine.ts";

/**
 * Runs `body` with new tensors that share the data of the inputs. So a tensor that is given twice,
 * or that the program also has from elsewhere, is two values of the graph. An input that the
 * program disposes of is disposed of at the end. Variables are not replaced, since a program may
 * assign to them.
 */
export async function withOwnInputs<T>(
  tfEngine: Engine,
  inputs: ModelInputs,
  body: (inputs: ModelInputs) => Promise<T>,
): Promise<T> {
  const aliases = new Map<Tensor, Tensor>();
  const given = new Set<Tensor>();
  const own = mapInputs(inputs, (tensor) => {
    if (isVariable(tensor) && !given.has(tensor)) {
      given.add(tensor);
      return tensor;
    }
    const alias = aliasOf(tfEngine, tensor);
    aliases.set(alias, tensor);
    return alias;
  });
  try {
    return await body(own);
  } finally {
    for (const [alias, tensor] of aliases) {
      if (alias.isDisposed) tensor.dispose();
      alias.dispose();
    }
  }
}

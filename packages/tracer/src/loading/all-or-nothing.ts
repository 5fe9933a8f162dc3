import type { io, Tensor } from "@tensorflow/tfjs-core";
import { wrapMethod } from "../patches/patch.ts";
import { engine } from "../tfjs/engine.ts";

/**
 * Lets TensorFlow.js build a model of artifacts. Where that fails, disposes the tensors that it had
 * made by then, which nobody else could reach.
 *
 * TensorFlow.js builds a model in the one microtask in which it gets the artifacts. Microtasks right
 * before and after that one begin and end the watch, so that no tensor of another part of the
 * program, which may run meanwhile, is taken for one of the model's.
 *
 * @param load loads the model by the handler that it is given.
 * @throws what `load` throws.
 */
export async function allOrNothing<T>(
  artifacts: io.ModelArtifacts,
  load: (handler: io.IOHandler) => Promise<T>,
): Promise<T> {
  const made = new Set<Tensor>();
  const handler = {
    load: () =>
      new Promise<io.ModelArtifacts>((resolve) => {
        let end = () => {};
        const begin = () => {
          end = watchTensors(made);
        };
        // By then TensorFlow.js waits for the promise, and goes on between the two.
        queueMicrotask(() => {
          queueMicrotask(begin);
          resolve(artifacts);
          queueMicrotask(() => end());
        });
      }),
  };
  try {
    return await load(handler);
  } catch (error) {
    for (const tensor of made) tensor.dispose();
    throw error;
  }
}

/** Collects the tensors and variables that are made. Returns what ends that. */
function watchTensors(made: Set<Tensor>): () => void {
  return wrapMethod(engine(), "trackTensor", (_, call, [tensor]) => {
    // Sound: tfjs tracks tensors only.
    made.add(tensor as Tensor);
    return call();
  });
}

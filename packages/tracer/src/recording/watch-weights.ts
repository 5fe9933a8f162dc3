import { wrapMethod } from "../patches/patch.ts";
import { takeBack } from "../patches/undo.ts";
import type { TfjsClasses } from "../tfjs/classes.ts";
import { ownerOf } from "./watch-layers.ts";

/**
 * Makes the weights that a layer creates in the pass apart from it: a layer that was not built
 * before its first call initializes them then, and some initializers run many kernels. That is no
 * cost of the model.
 *
 * @param classes the copies of tfjs-layers whose layers are watched.
 * @param apart runs an initializer outside the recording.
 * @returns what ends that.
 */
export function watchWeights(
  classes: readonly TfjsClasses[],
  apart: <T>(initialize: () => T) => T,
): () => void {
  const prototypes = new Set<object>();
  for (const { LayersModel } of classes) {
    const prototype = LayersModel && ownerOf(LayersModel.prototype, "addWeight");
    if (prototype !== undefined) prototypes.add(prototype);
  }
  const undo = [...prototypes].map((prototype) =>
    wrapMethod(prototype, "addWeight", (_, call) => apart(call)),
  );
  return () => takeBack(undo);
}

import { counted } from "@opcounter/ir/core";

/**
 * Says which variables, used outside of every layer's call, have names as TensorFlow.js gives to
 * weights of layers, `conv1/kernel`. Nothing else tells of layers of a copy of TensorFlow.js whose
 * classes are not watched: they run the same kernels, on the engine that all copies share.
 *
 * @param names the names of the variables that a function uses outside of layers.
 */
export function unseenLayersNotes(names: readonly string[]): string[] {
  const ofLayers = names.filter((name) => name.includes("/"));
  const [named] = ofLayers;
  if (named === undefined) return [];
  return [
    `${counted(ofLayers.length, "variable")} named as weights of layers are, such as ${named}, ${ofLayers.length === 1 ? "was" : "were"} used outside of every layer's call. Layers of another copy of TensorFlow.js are missing here, and all their weights count as parameters; { tf } hands it over.`,
  ];
}

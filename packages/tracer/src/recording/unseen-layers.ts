import { counted } from "@opcounter/ir/core";

/** How many variables the note names. */
const MOST_NAMED = 2;

/**
 * Says which variables, used outside of every layer's call, have names as TensorFlow.js gives to
 * weights of layers, `conv1/kernel`. Nothing else tells of layers of a copy of TensorFlow.js whose
 * classes are not watched: they run the same kernels, on the engine that all copies share.
 *
 * @param names the names of the variables that a function uses outside of layers.
 */
export function unseenLayersNotes(names: readonly string[]): string[] {
  const ofLayers = names.filter((name) => name.includes("/"));
  if (ofLayers.length === 0) return [];
  const named = ofLayers.slice(0, MOST_NAMED).join(", ");
  const more = ofLayers.length > MOST_NAMED ? ", …" : "";
  const variables = counted(ofLayers.length, "variable");
  return [
    `${variables} named as weights of layers are (${named}${more}) ${ofLayers.length === 1 ? "was" : "were"} used outside of every layer's call. If layers of another copy of TensorFlow.js ran, their scopes and classes are missing here and all their weights count as parameters; trace(program, inputs, { tf }) with that copy has them.`,
  ];
}

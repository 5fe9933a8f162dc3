import { OpcounterError } from "@opcounter/ir/core";

/** The category of ops that TensorFlow.js 4.22 lists, and has nothing to run with. */
const LISTED_ONLY = "ragged";

/** A node of a GraphModel as TensorFlow.js has mapped it. */
export interface MappedNode {
  readonly op: string;
  /** Undefined where TensorFlow.js has no such op, and no program has registered one. */
  readonly category?: string;
  readonly inputs: readonly MappedNode[];
}

/** The graph of a GraphModel as TensorFlow.js has mapped it. */
export interface MappedGraph {
  readonly outputs: readonly MappedNode[];
  readonly functions?: Readonly<Record<string, MappedGraph>>;
}

/**
 * Checks that TensorFlow.js has the ops that a GraphModel's outputs depend on, functions of loops
 * and branches included. It tells of the first only, and only when that is run.
 *
 * @throws OpcounterError that names all of them.
 */
export function checkOps(location: string, graph: MappedGraph): void {
  const graphs = [graph, ...Object.values(graph.functions ?? {})];
  const nodes = nodesBehind(graphs.flatMap(({ outputs }) => outputs));
  const unknown = nodes.filter(
    ({ category }) => category === undefined || category === LISTED_ONLY,
  );
  if (unknown.length === 0) return;
  const { list, them } = listed(
    "the op",
    unknown.map(({ op }) => op),
  );
  throw new OpcounterError(
    "graph-op-unknown",
    `${location} uses ${list}, which TensorFlow.js does not have`,
    {
      remedy: `register ${them} with tf.registerOp() before the model is loaded (on the command line, in a module given by --plugin)`,
    },
  );
}

/** Nodes, and all that they depend on. */
export function nodesBehind(outputs: readonly MappedNode[]): MappedNode[] {
  const nodes = new Set(outputs);
  // A set goes on with what is added while it is gone through.
  for (const node of nodes) for (const input of node.inputs) nodes.add(input);
  return [...nodes];
}

/**
 * Checks that TensorFlow.js has the classes of a LayersModel's layers, cells and wrapped layers
 * included. It tells of the first only.
 *
 * @param isKnown whether a class is registered.
 * @throws OpcounterError that names all of them.
 */
export function checkLayerClasses(
  location: string,
  topology: unknown,
  isKnown: (className: string) => boolean,
): void {
  const unknown = layerClassesIn(topology).filter((className) => !isKnown(className));
  if (unknown.length === 0) return;
  const { list, them } = listed("the layer class", unknown);
  throw new OpcounterError(
    "layer-class-unknown",
    `${location} uses ${list}, which TensorFlow.js does not have`,
    {
      remedy: `register ${them} with tf.serialization.registerClass() before the model is loaded (on the command line, in a module given by --plugin)`,
    },
  );
}

/** Where a layer's configuration has layers of its own. */
const INNER = ["layers", "layer", "backward_layer", "cell", "cells"] as const;

/** The class of a layer's entry, and of all layers within. */
function layerClassesIn(entry: unknown): string[] {
  if (Array.isArray(entry)) return entry.flatMap(layerClassesIn);
  const { class_name: className, config, model_config: model } = Object(entry);
  if (model !== undefined) return layerClassesIn(model);
  if (typeof className !== "string") return [];
  const inner: unknown[] = Array.isArray(config)
    ? [config]
    : INNER.map((key) => Object(config)[key]);
  return [className, ...inner.flatMap(layerClassesIn)];
}

/** `the op A`, `the ops A, B`: each once, in order of the alphabet; and the pronoun for them. */
function listed(noun: string, names: readonly string[]) {
  const each = [...new Set(names)].sort();
  if (each.length === 1) return { list: `${noun} ${each[0]}`, them: "it" };
  const plural = `${noun}${noun.endsWith("s") ? "es" : "s"}`;
  return { list: `${plural} ${each.join(", ")}`, them: "them" };
}

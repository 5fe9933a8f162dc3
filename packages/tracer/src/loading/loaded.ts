import { annotate, type Graph, NOTES, notesOf, OpcounterError } from "@opcounter/ir/core";
import type { Target } from "../targets/target.ts";

/** What is known of a model because it was loaded here. */
interface Loaded {
  /** What people should know of its files, one sentence per note. */
  readonly notes: readonly string[];
  /** How many weights its files list. */
  readonly weights: number;
  /** Whether its weights have the values that were trained, and not zeros. */
  readonly hasValues: boolean;
}

const loaded = new WeakMap<Target, Loaded>();
/** By graph of a model whose files hold the values of its weights: how many they are. */
const weightsInFiles = new WeakMap<Graph, number>();

export function rememberLoaded(model: Target, facts: Loaded): void {
  loaded.set(model, facts);
}

/** Attaches to a graph the notes of the model that it is a pass of. */
export function noteLoaded(graph: Graph, target: Target): Graph {
  const { notes = [], hasValues = false, weights = 0 } = loaded.get(target) ?? {};
  if (hasValues) weightsInFiles.set(graph, weights);
  if (notes.length > 0) annotate(graph, NOTES, [...notesOf(graph), ...notes]);
  return graph;
}

/** How many weights the files of a graph's model hold; undefined where they hold no values. */
export function weightsInFilesOf(graph: Graph): number | undefined {
  return weightsInFiles.get(graph);
}

/** @throws OpcounterError where the values of a model's weights were not loaded. */
export function checkValuesLoaded(target: Target): void {
  if (loaded.get(target)?.hasValues ?? true) return;
  throw new OpcounterError(
    "options-conflict",
    "Zeros in the weights cannot be counted, since the weights were not loaded",
    { remedy: "put the weight files beside the model.json" },
  );
}

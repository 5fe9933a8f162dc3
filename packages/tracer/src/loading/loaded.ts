import { annotate, type Graph, NOTES, notesOf, OpcounterError } from "@opcounter/ir/core";
import type { Target } from "../targets/target.ts";

/** What is known of a model because it was loaded here. */
interface Loaded {
  /** What people should know of its files, one sentence per note. */
  readonly notes: readonly string[];
  /** Whether its weights have the values that were trained, and not zeros. */
  readonly hasValues: boolean;
}

const loaded = new WeakMap<Target, Loaded>();

export function rememberLoaded(model: Target, facts: Loaded): void {
  loaded.set(model, facts);
}

/** Attaches to a graph the notes of the model that it is a pass of. */
export function noteLoaded(graph: Graph, target: Target): Graph {
  const notes = loaded.get(target)?.notes ?? [];
  if (notes.length > 0) annotate(graph, NOTES, [...notesOf(graph), ...notes]);
  return graph;
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

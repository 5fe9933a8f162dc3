import { type Annotation, annotate, annotationOf } from "./analysis.ts";
import type { Graph } from "./graph.ts";

/** What people should know of where a graph comes from, one sentence per note. */
export const NOTES: Annotation<readonly string[]> = { name: "notes", carry: (notes) => notes };

/** The notes of a graph. */
export function notesOf(graph: Graph): readonly string[] {
  return annotationOf(graph, NOTES) ?? [];
}

/** Adds sentences to the notes of a graph. */
export function addNotes(graph: Graph, notes: readonly string[]): void {
  if (notes.length > 0) annotate(graph, NOTES, [...notesOf(graph), ...notes]);
}

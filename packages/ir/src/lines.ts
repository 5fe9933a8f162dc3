import { type Annotation, annotationOf } from "./analysis.ts";
import type { Graph, OpId } from "./graph.ts";

/** A place in a source file. Lines and columns begin at 1. */
export interface SourceLine {
  /** As stack traces name it: a path, or a URL. */
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** By op: the line of the program that called it. Passes make other ops, of which none is known. */
export const LINES: Annotation<ReadonlyMap<OpId, SourceLine>> = { name: "lines" };

/** The lines that called the ops of a graph; undefined where they were not recorded. */
export function linesOf(graph: Graph): ReadonlyMap<OpId, SourceLine> | undefined {
  return annotationOf(graph, LINES);
}

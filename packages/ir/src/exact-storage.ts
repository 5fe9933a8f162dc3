import type { Annotation } from "./analysis.ts";
import type { ValueId } from "./graph.ts";
import type { StoredType } from "./types.ts";

/** Which types, narrower than its own, hold every value of a weight of a model's files exactly. */
export interface ExactStorage {
  /** By parameter, the narrowest type first. Weights that are quantized already are left out. */
  readonly types: ReadonlyMap<ValueId, readonly StoredType[]>;
  /** Whether the files hold no other weights than the graph's parameters. */
  readonly isComplete: boolean;
}

/** Attached to a graph by who has looked at the values; see `noteExactStorage` of the tracer. */
export const EXACT_STORAGE: Annotation<ExactStorage> = { name: "exact-storage" };

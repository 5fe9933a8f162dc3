import type { Graph, ValueId } from "../graph.ts";
import { definingOp } from "../patterns/match.ts";

/** tfjs holds complex numbers as two tensors. */
export type ComplexPart = "real" | "imag";

/**
 * The value whose data a view shows: behind views, and of complex numbers the part that they show,
 * the real one where they show both.
 */
export function dataBehind(graph: Graph, id: ValueId, part: ComplexPart = "real"): ValueId {
  const op = definingOp(graph, id);
  if (op?.placement !== "view") return id;
  const [only, ...others] = Object.values(op.operands);
  const shown = op.kernel === "Complex" ? op.operands[part] : others.length > 0 ? undefined : only;
  if (shown === undefined) return id;
  return dataBehind(graph, shown, op.kernel === "Imag" ? "imag" : part);
}

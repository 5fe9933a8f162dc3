import { type Graph, type Op, type ValueId, valueAt } from "@opcounter/ir/core";
import { opAt } from "../op-at.ts";
import { keepsElements } from "./parameter-behind.ts";

/**
 * Whether a value is computed from another, or from what that one rearranges, as the mean of a batch
 * is from the batch.
 */
export function isComputedFrom(graph: Graph, value: ValueId, from: ValueId): boolean {
  const sources = new Set(rearranged(graph, from));
  // An op runs after what it depends on, so what stands before the first source has none behind it.
  const first = Math.min(...[...sources].map((id) => madeBy(graph, id)?.id ?? -1));
  const seen = new Set<ValueId>();
  const reaches = (id: ValueId): boolean => {
    if (sources.has(id)) return true;
    if (seen.has(id)) return false;
    seen.add(id);
    const op = madeBy(graph, id);
    return op !== undefined && op.id > first && Object.values(op.operands).some(reaches);
  };
  return reaches(value);
}

/** A value and, where it is another one rearranged, that one, and so on. */
function rearranged(graph: Graph, id: ValueId): ValueId[] {
  const op = madeBy(graph, id);
  const [source] = op !== undefined && keepsElements(op) ? Object.values(op.operands) : [];
  return source === undefined ? [id] : [id, ...rearranged(graph, source)];
}

function madeBy(graph: Graph, id: ValueId): Op | undefined {
  const value = valueAt(graph, id);
  return value.kind === "result" ? opAt(graph, value.op) : undefined;
}

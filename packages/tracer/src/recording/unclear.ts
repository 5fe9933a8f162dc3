import { analyse, counted, type Graph, type OpId, uses } from "@opcounter/ir/core";
import type { Tensor } from "@tensorflow/tfjs-core";
import type { Values } from "./values.ts";

/** When a program first awaited, or ended. What came before was its own. */
export interface FirstPause {
  readonly ops: number;
  /** Later tensors have greater ids. */
  readonly tensor: Tensor["id"];
}

/**
 * Ops that may be another program's, on a host that does not tell: they ran after the traced program
 * first awaited, and no chain of tensors connects them with its inputs, its results, or what it ran
 * before. Weights and constants connect nothing, since other code may have them too.
 */
export function unclearOps(graph: Graph, { ops }: FirstPause): ReadonlySet<OpId> {
  const unclear = new Set(graph.ops.slice(ops).map(({ id }) => id));
  const { usersOf } = analyse(graph, uses);
  const inputs = graph.values.filter(({ kind }) => kind === "input").map(({ id }) => id);
  const earlier = graph.ops.slice(0, ops).flatMap(({ results }) => results);
  const connected = [...inputs, ...earlier, ...graph.results];
  const seen = new Set(connected);
  for (const id of connected) {
    const value = graph.values[id];
    const maker = value?.kind === "result" ? [value.op] : [];
    for (const op of [...maker, ...usersOf(id)]) {
      if (!unclear.delete(op)) continue;
      const { operands = {}, results = [] } = graph.ops[op] ?? {};
      for (const next of [...Object.values(operands), ...results]) {
        const kind = graph.values[next]?.kind;
        if (seen.has(next) || kind === "param" || kind === "constant") continue;
        seen.add(next);
        connected.push(next);
      }
    }
  }
  return unclear;
}

/** The tensors that may be another program's: those of unclear ops, and those that no other op took. */
export function unclearTensors(
  tracked: readonly Tensor[],
  { tensor: last }: FirstPause,
  graph: Graph,
  unclear: ReadonlySet<OpId>,
  values: Values,
): Tensor[] {
  const { usersOf, isResult } = analyse(graph, uses);
  return tracked.filter((tensor) => {
    if (tensor.id <= last || tensor.isDisposed) return false;
    const id = values.ofTensor(tensor.id);
    if (id === undefined) return true;
    const value = graph.values[id];
    if (value?.kind === "result") return unclear.has(value.op);
    return !isResult(id) && usersOf(id).every((op) => unclear.has(op));
  });
}

/** Says which ops cannot be told apart. */
export function unclearNotes(graph: Graph, unclear: ReadonlySet<OpId>): string[] {
  if (unclear.size === 0) return [];
  const kernels = new Map<string, number>();
  for (const { id, kernel } of graph.ops) {
    if (unclear.has(id)) kernels.set(kernel, (kernels.get(kernel) ?? 0) + 1);
  }
  const list = [...kernels].map(([kernel, times]) => (times > 1 ? `${kernel} ×${times}` : kernel));
  return [
    `${counted(unclear.size, "op")} ran while the program awaited, with no connection to its inputs or results: ${list.join(", ")}. A browser does not tell whether they are the program's or other code's. They are counted, and their tensors are kept.`,
  ];
}

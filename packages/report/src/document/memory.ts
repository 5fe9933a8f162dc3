import { analyse, bytesOf, type Graph, liveness, sizeOf, type ValueId } from "@opcounter/ir";
import type { Memory } from "./document.ts";

/** How many of the buffers that are alive at the peak are listed. */
const LISTED = 200;

/** What of weights and memory belongs to which op, so that the ops of a graph add up to its totals. */
export interface Holdings {
  /** By op: elements of the weights that it is the first to compute with. */
  readonly params: number[];
  /** By op: bytes alive at the peak that it makes or is the first to compute with. */
  readonly peakBytes: number[];
  readonly unusedParams: number;
  readonly unusedBytes: number;
  readonly memory: Omit<Memory, "held">;
}

export function holdingsOf(graph: Graph): Holdings {
  const holders = firstHolders(graph);
  const params = graph.ops.map(() => 0);
  const peakBytes = graph.ops.map(() => 0);
  let [unusedParams, unusedBytes] = [0, 0];
  for (const value of graph.values) {
    if (value.kind !== "param" || value.role !== "weight") continue;
    const holder = holders[value.id] ?? -1;
    if (holder === -1) unusedParams += sizeOf(value.shape);
    else params[holder] = (params[holder] ?? 0) + sizeOf(value.shape);
  }
  const alive = aliveAtPeak(graph);
  for (const { value, bytes } of alive) {
    const holder = holders[value] ?? -1;
    if (holder === -1) unusedBytes += bytes;
    else peakBytes[holder] = (peakBytes[holder] ?? 0) + bytes;
  }
  const { bytesAt, residentBytes, peakOps } = analyse(graph, liveness);
  const others = alive.slice(LISTED);
  const memory = {
    bytesAt: [...bytesAt],
    residentBytes,
    peakOp: peakOps[0] ?? null,
    holders: alive.slice(0, LISTED),
    others: { count: others.length, bytes: others.reduce((sum, { bytes }) => sum + bytes, 0) },
  };
  return { params, peakBytes, unusedParams, unusedBytes, memory };
}

/**
 * By value: the op that makes it; of what no op makes, the first op that computes with it, through
 * views of it as well, or else the first that views it; −1 for none.
 */
function firstHolders(graph: Graph): Int32Array {
  const holders = new Int32Array(graph.values.length).fill(-1);
  const viewers = new Int32Array(graph.values.length).fill(-1);
  /** Of views, the values that they show. */
  const origins = new Map<ValueId, readonly ValueId[]>();
  for (const { id: op, operands, placement, results } of graph.ops) {
    const used = Object.values(operands).flatMap((id) => origins.get(id) ?? [id]);
    const firsts = placement === "view" ? viewers : holders;
    for (const id of used) if (firsts[id] === -1) firsts[id] = op;
    for (const id of results) {
      holders[id] = op;
      if (placement === "view") origins.set(id, used);
    }
  }
  return holders.map((holder, id) => (holder === -1 ? (viewers[id] ?? -1) : holder));
}

/** The buffers that are alive at the peak, the largest first, with the value each was made for. */
function aliveAtPeak(graph: Graph): { value: ValueId; bytes: number }[] {
  const { peakOps, bufferBytes, bufferBirth, bufferDeath, buffersOf } = analyse(graph, liveness);
  const peak = peakOps[0] ?? -1;
  const seen = new Set<number>();
  const alive: { value: ValueId; bytes: number }[] = [];
  for (const value of graph.values) {
    for (const buffer of buffersOf(value.id)) {
      if (seen.has(buffer)) continue;
      seen.add(buffer);
      const isResident = value.kind !== "result";
      const isAlive = (bufferBirth[buffer] ?? 0) <= peak && peak <= (bufferDeath[buffer] ?? 0);
      const bytes = bufferBytes[buffer] ?? bytesOf(value);
      if (bytes > 0 && (isResident || isAlive)) alive.push({ value: value.id, bytes });
    }
  }
  return alive.sort((a, b) => b.bytes - a.bytes);
}

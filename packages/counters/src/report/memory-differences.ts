import {
  analyse,
  type BufferId,
  describeOp,
  elementAt,
  forEachOperand,
  formatType,
  type Graph,
  grouped,
  type Liveness,
  liveness,
  type Op,
  type RecordedBuffer,
  type RecordedMemory,
  type Value,
  valueAt,
} from "@opcounter/ir/core";
import { opAt } from "../op-at.ts";
import type { MemoryDifference } from "./memory-report.ts";

type Cause = MemoryDifference["cause"];

/** What each cause stands for, after a number of bytes more or fewer. */
const CAUSES: Readonly<Record<Cause, string>> = {
  scratch: "in scratch that kernels make for themselves",
  kept: "in values that nothing needs any more, which TensorFlow.js keeps until their layer or tidy ends and queued work is submitted",
  uniforms: "in uniform buffers, one for each dispatch that waits to be submitted",
  staging: "in buffers that values pass through between host and device",
  size: "in values that take other buffers on the device than their types say",
  "not-uploaded":
    "in weights, inputs and constants that are uploaded later, when they are first used",
  "on-host": "in values that only the host has, or that nothing uses",
  freed: "in inputs and constants that the program has disposed of by then",
  "other-moment":
    "in values that are alive at one of the two peaks only, since these are at different ops",
};

/**
 * The buffers by which what was recorded differs from what liveness says must be alive, the largest
 * first. Their bytes add up to `peakUsedBytes` − `peakBytes`.
 */
export function memoryDifferences(graph: Graph, recorded: RecordedMemory): MemoryDifference[] {
  const alive = analyse(graph, liveness);
  const moments = { needed: alive.peakOps[0] ?? -1, held: lastOp(recorded) };
  const held = new Map<BufferId, number>();
  const rows = new Map<string, MemoryDifference>();
  for (const buffer of recorded.peakBuffers) {
    const [place] = buffer.value === undefined ? [] : alive.buffersOf(buffer.value);
    if (place === undefined) addTo(rows, unnamed(graph, buffer));
    else held.set(place, (held.get(place) ?? 0) + buffer.bytes);
  }
  const values = firstValues(graph, alive);
  const users = firstUsers(graph, alive);
  alive.bufferBytes.forEach((size, place) => {
    const isAlive = (op: number) =>
      elementAt(alive.bufferBirth, place) <= op && op <= elementAt(alive.bufferDeath, place);
    const needs = isAlive(moments.needed) ? size : 0;
    const has = held.get(place) ?? 0;
    const value = values.get(place);
    if (has === needs || value === undefined) return;
    const user = users.get(place) ?? Number.POSITIVE_INFINITY;
    const cause =
      has === 0
        ? causeOfLess(graph, value, user, moments.held)
        : causeOfMore(needs, isAlive(moments.held));
    addTo(rows, { cause, bytes: has - needs, buffers: 1, ...named(graph, value) });
  });
  return [...rows.values()].sort((a, b) => Math.abs(Number(b.bytes)) - Math.abs(Number(a.bytes)));
}

/** In words, cause by cause: `20,000 bytes more in scratch …: the Im2ColProgram of op 3 (Conv2D)`. */
export function explainDifferences(differences: readonly MemoryDifference[]): string {
  const causes = new Map<Cause, MemoryDifference[]>();
  for (const row of differences) {
    const rows = causes.get(row.cause) ?? [];
    rows.push(row);
    causes.set(row.cause, rows);
  }
  return [...causes]
    .map(([cause, rows]) => {
      const bytes = rows.reduce((sum, row) => sum + Number(row.bytes), 0);
      const amount = `${grouped(Math.abs(bytes))} bytes ${bytes < 0 ? "fewer" : "more"}`;
      const [largest] = rows;
      const example =
        largest === undefined ? "" : ` (${rows.length > 1 ? "most for " : ""}${largest.name})`;
      return `${amount} ${CAUSES[cause]}${example}`;
    })
    .join("; ");
}

/** The op that ran when the most was in use. */
function lastOp({ peakBuffers }: RecordedMemory): number {
  return peakBuffers.reduce((last, { op = -1 }) => Math.max(last, op), -1);
}

/** A buffer that holds no value of the graph. */
function unnamed(graph: Graph, { bytes, use, op }: RecordedBuffer): MemoryDifference {
  const by = op === undefined ? undefined : opAt(graph, op);
  const where = by === undefined ? "TensorFlow.js itself" : describeOp(by);
  const what = { op: by?.id ?? null, value: null, bytes, buffers: 1 };
  switch (use) {
    case "uniform":
      return { cause: "uniforms", name: where, ...what };
    case "staging":
    case "query":
      return { cause: "staging", name: where, ...what };
    case "storage":
      return { cause: "scratch", name: `${programOf(by, bytes)}${where}`, ...what };
  }
}

/** `Im2ColProgram in `, where a dispatch of the op writes a buffer of this size. */
function programOf(op: Op | undefined, bytes: number): string {
  const writer = op?.dispatches.find(({ buffers }) => buffers?.[0] === bytes);
  return writer === undefined ? "" : `${writer.program} of `;
}

function causeOfLess(graph: Graph, value: Value, firstUser: number, heldAt: number): Cause {
  if (value.kind === "result") {
    return opAt(graph, value.op).placement === "cpu" ? "on-host" : "other-moment";
  }
  if (firstUser === Number.POSITIVE_INFINITY) return "on-host";
  return firstUser > heldAt ? "not-uploaded" : "freed";
}

function causeOfMore(needs: number, isNeededThen: boolean): Cause {
  if (needs > 0) return "size";
  return isNeededThen ? "other-moment" : "kept";
}

function named(graph: Graph, value: Value): Pick<MemoryDifference, "name" | "op" | "value"> {
  switch (value.kind) {
    case "input":
    case "param":
      return { name: value.name, op: null, value: value.id };
    case "constant":
      return { name: `a constant ${formatType(value)}`, op: null, value: value.id };
    case "result":
      return { name: describeOp(opAt(graph, value.op)), op: value.op, value: value.id };
  }
}

/** By buffer: the first value that lives in it. */
function firstValues(graph: Graph, { buffersOf }: Liveness): Map<BufferId, Value> {
  const first = new Map<BufferId, Value>();
  for (const value of graph.values) {
    for (const buffer of buffersOf(value.id)) if (!first.has(buffer)) first.set(buffer, value);
  }
  return first;
}

/** By buffer: the first op on the device that reads it. */
function firstUsers(graph: Graph, { buffersOf }: Liveness): Map<BufferId, number> {
  const first = new Map<BufferId, number>();
  for (const { id, placement, operands } of graph.ops) {
    if (placement !== "gpu") continue;
    forEachOperand(operands, (value) => {
      for (const buffer of buffersOf(valueAt(graph, value).id)) {
        if (!first.has(buffer)) first.set(buffer, id);
      }
    });
  }
  return first;
}

/** Adds a row to those of the same cause and name, such as the uniforms of one op. */
function addTo(rows: Map<string, MemoryDifference>, row: MemoryDifference): void {
  const key = `${row.cause} ${row.value} ${row.op} ${row.name}`;
  const known = rows.get(key);
  rows.set(key, {
    ...row,
    bytes: Number(known?.bytes ?? 0) + Number(row.bytes),
    buffers: (known?.buffers ?? 0) + row.buffers,
  });
}

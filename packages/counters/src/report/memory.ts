import {
  analyse,
  bufferPlan,
  type Graph,
  grouped,
  isProgram,
  liveness,
  type OpId,
  type RecordedMemory,
  recordingOf,
  whenAsked,
} from "@opcounter/ir/core";
import { opAt } from "../op-at.ts";
import { explainDifferences, memoryDifferences } from "./memory-differences.ts";
import type { MemoryDifference, MemoryReport } from "./memory-report.ts";

/**
 * The most memory at once, in bytes, and the ops that run then. A program that is not TensorFlow.js
 * makes its buffers itself, so the most that it had of them is known. By liveness each of its uploads
 * would have a buffer of its own, from the first command on.
 */
export function peakOf(
  graph: Graph,
  recorded: Graph,
): { readonly peakBytes: number; readonly peakOps: readonly OpId[] } {
  const held = isProgram(graph) ? recordingOf(recorded)?.memory.peakUsedBytes : undefined;
  return held === undefined ? analyse(graph, liveness) : { peakBytes: held, peakOps: [] };
}

/** Peak memory, beside what was observed. */
export function memoryOf(graph: Graph, recorded: Graph): MemoryReport {
  const { peakBytes, peakOps } = peakOf(graph, recorded);
  const observed = recordingOf(recorded)?.memory;
  // The buffers of a graph that passes made are not those that were recorded. Those of a program that
  // is not TensorFlow.js are what it holds, and nobody's to explain.
  const isRecorded = graph === recorded && !isProgram(graph);
  const report: MemoryReport = whenAsked<MemoryReport>({
    peakBytes: () => peakBytes,
    peakOps: () =>
      peakOps.map((id) => {
        const { kernel, scope } = opAt(graph, id);
        return { id, kernel, scope: scope.join("/") };
      }),
    plannedBytes: () => analyse(graph, bufferPlan).totalBytes,
    recordedUsedBytes: () => observed?.peakUsedBytes ?? null,
    recordedAllocatedBytes: () => observed?.peakAllocatedBytes ?? null,
    differences: () => (isRecorded && observed ? memoryDifferences(graph, observed) : []),
    explanation: () =>
      observed === undefined || isProgram(graph)
        ? null
        : explain(peakBytes, observed, isRecorded, report.differences),
  });
  return report;
}

function explain(
  peakBytes: number,
  { peakUsedBytes, peakAllocatedBytes }: RecordedMemory,
  isRecorded: boolean,
  differences: readonly MemoryDifference[],
): string {
  const kept = `${grouped(peakAllocatedBytes - peakUsedBytes)} bytes more were allocated in buffers kept for reuse.`;
  if (!isRecorded) {
    return `What TensorFlow.js held is that of the graph before the passes; ${kept}`;
  }
  const difference = peakUsedBytes - peakBytes;
  if (differences.length === 0) return `TensorFlow.js held just what must be alive; ${kept}`;
  const amount = `${grouped(Math.abs(difference))} bytes ${difference < 0 ? "fewer" : "more"}`;
  return `TensorFlow.js held ${amount} than must be alive: ${explainDifferences(differences)}. Beside them, ${kept}`;
}

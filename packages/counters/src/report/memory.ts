import {
  analyse,
  bufferPlan,
  type Graph,
  grouped,
  liveness,
  type RecordedMemory,
} from "@opcounter/ir/core";
import { opAt } from "../op-at.ts";
import type { MemoryReport } from "./report.ts";

/** Peak memory by liveness, beside what was observed. */
export function memoryOf(graph: Graph, observed: RecordedMemory | undefined): MemoryReport {
  const { peakBytes, peakOps, residentBytes } = analyse(graph, liveness);
  return {
    peakBytes,
    peakOps: peakOps.map((id) => {
      const { kernel, scope } = opAt(graph, id);
      return { id, kernel, scope: scope.join("/") };
    }),
    plannedBytes: analyse(graph, bufferPlan).totalBytes,
    recordedUsedBytes: observed?.peakUsedBytes ?? null,
    recordedAllocatedBytes: observed?.peakAllocatedBytes ?? null,
    explanation: observed === undefined ? null : explain(peakBytes, residentBytes, observed),
  };
}

function explain(peakBytes: number, residentBytes: number, observed: RecordedMemory): string {
  const { peakUsedBytes, peakAllocatedBytes } = observed;
  const difference = Math.abs(peakUsedBytes - peakBytes);
  const why =
    peakUsedBytes < peakBytes
      ? `TensorFlow.js held ${grouped(difference)} bytes less, since it uploads weights when they are first used, and liveness counts all ${grouped(residentBytes)} bytes of weights and inputs from the start`
      : `TensorFlow.js held ${grouped(difference)} bytes more, since it keeps values until the layer or tidy that made them ends and until queued work is submitted, and adds a uniform buffer for each dispatch`;
  const kept = peakAllocatedBytes - peakUsedBytes;
  return `${why}; ${grouped(kept)} bytes more were allocated in buffers kept for reuse.`;
}

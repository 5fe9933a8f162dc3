import type { OutputFormat } from "./output-format.ts";
import { edgesOf, type Slice, timelineOf } from "./timeline.ts";

const PROCESS = 1;

/**
 * A timeline for Perfetto or chrome://tracing: the device and the host as tracks, scopes as slices
 * around their ops, memory as a counter. Source: "Trace Event Format" of Chromium.
 */
export const traceFormat: OutputFormat = {
  takes: ["roofline"],
  report: (found) => {
    const { report } = found;
    const { source, gpu, host, memory } = timelineOf(found);
    return JSON.stringify({
      displayTimeUnit: "ns",
      otherData: { model: report.model, device: report.device, times: source },
      traceEvents: [
        metadata("process_name", 0, `${report.model}, times ${source}, end to end`),
        metadata("thread_name", 1, "GPU"),
        ...slices(1, gpu),
        ...(host.length === 0 ? [] : [metadata("thread_name", 2, "host")]),
        ...slices(2, host),
        ...memory.map(({ at, bytes }) => {
          return { ph: "C", pid: PROCESS, name: "memory", ts: microseconds(at), args: { bytes } };
        }),
      ],
    });
  },
};

function metadata(name: string, tid: number, value: string) {
  return { ph: "M", pid: PROCESS, tid, name, args: { name: value } };
}

/** Begin and end events, which nest in the order in which they stand. */
function slices(tid: number, track: readonly Slice[]) {
  return edgesOf(track).map(({ kind, name, at, op }) => ({
    ...{ ph: kind === "open" ? "B" : "E", pid: PROCESS, tid, name, ts: microseconds(at) },
    ...(kind === "open" && op !== null ? { args: { op } } : {}),
  }));
}

function microseconds(nanoseconds: number): number {
  return nanoseconds / 1000;
}

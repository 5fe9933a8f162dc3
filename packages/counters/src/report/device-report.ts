import type { DeviceEvent, Graph, RecordedTimes, Recording, ValueId } from "@opcounter/ir";
import { exact } from "../expressions/integer.ts";
import type { DeviceReport, ReadRow, RefusalRow, TimesReport, Transfers } from "./report.ts";

type Kind = DeviceEvent["kind"];

/** What the backend did on the device, from what was recorded of it. */
export function deviceReport(
  graph: Graph,
  { events, shaders, times, reads, evaluated }: Recording,
): DeviceReport {
  const transfers = (kind: Kind): Transfers => {
    const some = events.filter((event) => event.kind === kind);
    const bytes = some.reduce((sum, event) => sum + BigInt("bytes" in event ? event.bytes : 0), 0n);
    return { count: some.length, bytes: exact(bytes) };
  };
  return {
    pipelinesCompiled: transfers("compile").count,
    shaders: shaders.size,
    submits: transfers("submit").count,
    uploads: transfers("upload"),
    readbacks: transfers("readback"),
    buffers: {
      created: transfers("create"),
      reused: transfers("reuse"),
      freed: transfers("free"),
      destroyed: transfers("destroy"),
    },
    refusals: refusalRows(graph, events),
    reads: reads.map((id) => readRow(graph, id)),
    evaluated: evaluated ?? null,
    times: times === undefined ? null : timesReport(graph, times),
  };
}

function readRow(graph: Graph, id: ValueId): ReadRow {
  const value = graph.values[id];
  const op = value?.kind === "result" ? graph.ops[value.op] : undefined;
  return { op: op?.id ?? null, kernel: op?.kernel ?? "", scope: op?.scope.join("/") ?? "" };
}

/** The refusals, each once an op and limit, the worst of them. */
function refusalRows(graph: Graph, events: readonly DeviceEvent[]): RefusalRow[] {
  const rows = new Map<string, RefusalRow>();
  for (const event of events) {
    if (event.kind !== "refusal") continue;
    const op = event.op === undefined ? undefined : graph.ops[event.op];
    const { limit, value, allowed } = event;
    const key = `${op?.id} ${limit}`;
    if ((rows.get(key)?.value ?? 0) >= value) continue;
    const place = { kernel: op?.kernel ?? "", scope: op?.scope.join("/") ?? "" };
    rows.set(key, { op: op?.id ?? null, ...place, limit, value, allowed });
  }
  return [...rows.values()];
}

function timesReport(graph: Graph, times: RecordedTimes): TimesReport {
  const { runs, wallMs, gpuMs, cpuMs, readbackMs, clockStepNs } = times;
  const unmeasured = graph.ops.reduce(
    (sum, { dispatches }) => sum + dispatches.filter(({ gpuTime }) => gpuTime?.ns === null).length,
    0,
  );
  const gpuShare = gpuMs === null || wallMs === 0 ? null : gpuMs / wallMs;
  return { runs, wallMs, gpuMs, cpuMs, readbackMs, gpuShare, unmeasured, clockStepNs };
}

import {
  type DeviceEvent,
  type Graph,
  median,
  type Op,
  type PassAccount,
  type RecordedTimes,
  type Recording,
  type ValueId,
  valueAt,
} from "@opcounter/ir/core";
import { type Integer, plus } from "../expressions/integer.ts";
import { opAt } from "../op-at.ts";
import type { AccountReport, DeviceReport, ReadRow, RefusalRow, TimesReport } from "./report.ts";

type Kind = DeviceEvent["kind"];

/** What the backend did on the device, from what was recorded of it. Ops are those of that graph. */
export function deviceReport(
  graph: Graph,
  { flags = {}, events, times, reads, left, unused, hostValues, evaluated }: Recording,
): DeviceReport {
  const shaders = new Set<unknown>();
  const sums: { [K in Kind]?: { count: number; bytes: Integer } } = {};
  const transfers = (kind: Kind) => (sums[kind] ??= { count: 0, bytes: 0 });
  for (const event of events) {
    const sum = transfers(event.kind);
    sum.count++;
    if ("bytes" in event) sum.bytes = plus(sum.bytes, event.bytes);
    if ("shader" in event) shaders.add(event.shader);
  }
  return {
    flags,
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
    left: left?.map((row) => ({ ...row, scope: row.scope.join("/") })) ?? null,
    unused:
      unused === undefined
        ? null
        : { ...unused, ops: unused.ops.map((row) => ({ ...row, scope: row.scope.join("/") })) },
    hostValues: hostValues ?? null,
    evaluated: evaluated ?? null,
    times: times === undefined ? null : timesReport(graph, times),
  };
}

function readRow(graph: Graph, id: ValueId): ReadRow {
  const value = valueAt(graph, id);
  return rowOf(value.kind === "result" ? opAt(graph, value.op) : undefined);
}

/** What a row says of an op; what no op did has neither kernel nor scope. */
function rowOf(op: Op | undefined): ReadRow {
  if (op === undefined) return { op: null, kernel: "", scope: "" };
  return { op: op.id, kernel: op.kernel, scope: op.scope.join("/") };
}

/** The refusals: for each op and limit, the worst. */
function refusalRows(graph: Graph, events: readonly DeviceEvent[]): RefusalRow[] {
  const rows = new Map<string, RefusalRow>();
  for (const event of events) {
    if (event.kind !== "refusal") continue;
    const op = event.op === undefined ? undefined : opAt(graph, event.op);
    const { limit, value, allowed } = event;
    const key = `${op?.id} ${limit}`;
    const worst = rows.get(key);
    if (worst === undefined || worst.value < value) {
      rows.set(key, { ...rowOf(op), limit, value, allowed });
    }
  }
  return [...rows.values()];
}

function timesReport(graph: Graph, times: RecordedTimes): TimesReport {
  const { runs, wallMs, gpuMs, cpuMs, readbackMs, clockStepNs, account, first = null } = times;
  const unmeasured = graph.ops.reduce(
    (sum, { dispatches }) => sum + dispatches.filter(({ gpuTime }) => gpuTime?.ns === null).length,
    0,
  );
  const gpuShare = gpuMs === null || wallMs === 0 ? null : gpuMs / wallMs;
  // What a coarse clock leaves open says nothing of the device.
  const gpuSpread = clockStepNs === null ? spreadOf(graph) : null;
  return {
    ...{ runs, wallMs, gpuMs, cpuMs, readbackMs, gpuShare, gpuSpread, unmeasured, clockStepNs },
    account: account === undefined ? null : accountReport(account),
    first,
  };
}

function spreadOf({ ops }: Graph): number | null {
  const ratios = ops.flatMap(({ dispatches }) =>
    dispatches.flatMap(({ gpuTime }) =>
      gpuTime?.ns && gpuTime.low ? [gpuTime.high / gpuTime.low] : [],
    ),
  );
  return ratios.length === 0 ? null : median(ratios);
}

function accountReport({ wallMs, parts }: PassAccount): AccountReport {
  const rows = parts.map(({ part, ms, count = null, bytes = null }) => {
    return { part, ms, count, bytes };
  });
  return { wallMs, parts: rows.sort((a, b) => b.ms - a.ms) };
}

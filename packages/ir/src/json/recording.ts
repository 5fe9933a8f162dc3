import type { Graph, OpId, ValueId } from "../graph.ts";
import type { PassAccount, RecordedTimes, Recording } from "../recording.ts";
import type { RecordingJson } from "./recording-schema.ts";

type TimesJson = NonNullable<RecordingJson["times"]>;

/** How a graph was recorded, as plain data that `JSON.stringify` writes without loss. */
export function recordingToJson(recording: Recording): RecordingJson {
  const { reads, isTraining, memory, evaluated, hostValues, left, unused, ...others } = recording;
  const { flags, times, events, shaders, madeConstants, ...rest } = others;
  return {
    reads: [...reads],
    ...(madeConstants === undefined ? {} : { madeConstants: [...madeConstants] }),
    ...(isTraining === undefined ? {} : { isTraining }),
    memory: { ...memory, peakBuffers: [...memory.peakBuffers] },
    ...(flags === undefined ? {} : { flags }),
    ...(hostValues === undefined ? {} : { hostValues }),
    ...(left === undefined ? {} : { left: left.map(withScope) }),
    ...(unused === undefined ? {} : { unused: unusedToJson(unused) }),
    ...(evaluated === undefined ? {} : { evaluated: evaluatedToJson(evaluated) }),
    ...(times === undefined ? {} : { times: timesToJson(times) }),
    events: [...events],
    shaders: Object.fromEntries(shaders),
    // What is added to a recording and forgotten here does not compile.
    ...(rest satisfies Readonly<Record<string, never>>),
  };
}

function timesToJson({ opCpuMs, account, first, ...rest }: RecordedTimes): TimesJson {
  return {
    ...rest,
    opCpuMs: [...opCpuMs],
    ...(account === undefined ? {} : { account: accountToJson(account) }),
    ...(first === undefined ? {} : { first: { ...first, pipelines: [...first.pipelines] } }),
  };
}

function accountToJson({ wallMs, parts, opMs }: PassAccount) {
  return { wallMs, parts: [...parts], opMs: [...opMs] };
}

function timesFromJson({ opCpuMs, account, ...rest }: TimesJson): RecordedTimes {
  return {
    ...rest,
    opCpuMs: new Map(opCpuMs),
    ...(account === undefined ? {} : { account: { ...account, opMs: new Map(account.opMs) } }),
  };
}

function evaluatedToJson({ ops, milliseconds, missing }: NonNullable<Recording["evaluated"]>) {
  return { ops, milliseconds, ...(missing === undefined ? {} : { missing }) };
}

function unusedToJson({ layers, params, ops }: NonNullable<Recording["unused"]>) {
  return { layers: [...layers], params: [...params], ops: ops.map(withScope) };
}

function withScope<T extends { readonly scope: readonly string[] }>(row: T) {
  return { ...row, scope: [...row.scope] };
}

export function recordingFromJson(json: RecordingJson): Recording {
  const { times, shaders = {}, ...rest } = json;
  return {
    ...rest,
    ...(times === undefined ? {} : { times: timesFromJson(times) }),
    shaders: new Map(Object.entries(shaders)),
  };
}

/** The first op or value that a recording names and the graph lacks, as a sentence; else undefined. */
export function strayIn(graph: Graph, recording: RecordingJson): string | undefined {
  const { reads, madeConstants = [], events, times, memory } = recording;
  const stray = (what: string, ids: readonly (number | undefined)[], count: number) => {
    const id = ids.find((id) => id !== undefined && id >= count);
    return id === undefined
      ? undefined
      : `the recording names ${what} ${id}, but the graph has only ${count}`;
  };
  const ops: (OpId | undefined)[] = [
    ...events.map(({ op }) => op),
    ...memory.peakBuffers.map(({ op }) => op),
    ...(times?.opCpuMs.map(([op]) => op) ?? []),
    ...(times?.account?.opMs.map(([op]) => op) ?? []),
  ];
  const values: (ValueId | undefined)[] = [
    ...reads,
    ...madeConstants,
    ...memory.peakBuffers.map(({ value }) => value),
  ];
  return stray("op", ops, graph.ops.length) ?? stray("value", values, graph.values.length);
}

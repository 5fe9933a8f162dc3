import type { Graph, OpId, ValueId } from "../graph.ts";
import type { Recording } from "../recording.ts";
import type { RecordingJson } from "./recording-schema.ts";

/** How a graph was recorded, as plain data that `JSON.stringify` writes without loss. */
export function recordingToJson(recording: Recording): RecordingJson {
  const { reads, isTraining, memory, evaluated, hostValues, left, unused, ...others } = recording;
  const { flags, times, events, shaders, ...rest } = others;
  return {
    reads: [...reads],
    ...(isTraining === undefined ? {} : { isTraining }),
    memory: { ...memory, peakBuffers: [...memory.peakBuffers] },
    ...(flags === undefined ? {} : { flags }),
    ...(hostValues === undefined ? {} : { hostValues }),
    ...(left === undefined ? {} : { left: left.map(withScope) }),
    ...(unused === undefined ? {} : { unused: unusedToJson(unused) }),
    ...(evaluated === undefined ? {} : { evaluated: evaluatedToJson(evaluated) }),
    ...(times === undefined ? {} : { times: { ...times, opCpuMs: [...times.opCpuMs] } }),
    events: [...events],
    shaders: Object.fromEntries(shaders),
    // What is added to a recording and forgotten here does not compile.
    ...(rest satisfies Readonly<Record<string, never>>),
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
    ...(times === undefined ? {} : { times: { ...times, opCpuMs: new Map(times.opCpuMs) } }),
    shaders: new Map(Object.entries(shaders)),
  };
}

/** The first op or value that a recording names and the graph lacks, as a sentence; else undefined. */
export function strayIn(graph: Graph, recording: RecordingJson): string | undefined {
  const { reads, events, times, memory } = recording;
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
  ];
  const values: (ValueId | undefined)[] = [
    ...reads,
    ...memory.peakBuffers.map(({ value }) => value),
  ];
  return stray("op", ops, graph.ops.length) ?? stray("value", values, graph.values.length);
}

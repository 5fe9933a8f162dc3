import * as z from "zod/mini";
import { PASS_PARTS } from "../recording.ts";

function makeRecordingSchema() {
  const id = z.int().check(z.nonnegative());
  const count = id;
  const milliseconds = z.number().check(z.nonnegative());
  const op = z.exactOptional(id);
  const bytes = count;
  const scope = z.array(z.string());
  const tensorCount = z.strictObject({ tensors: count, elements: count });
  const use = z.enum(["storage", "uniform", "staging", "query"]);

  const bufferEvent = <K extends string>(kind: K) =>
    z.strictObject({ op, kind: z.literal(kind), bytes, use });
  const transferEvent = <K extends string>(kind: K) =>
    z.strictObject({ op, kind: z.literal(kind), bytes });

  const event = z.discriminatedUnion("kind", [
    z.strictObject({
      op,
      kind: z.literal("compile"),
      program: z.string(),
      shader: z.exactOptional(z.string()),
    }),
    bufferEvent("create"),
    bufferEvent("reuse"),
    bufferEvent("free"),
    bufferEvent("destroy"),
    transferEvent("upload"),
    transferEvent("readback"),
    z.strictObject({ op, kind: z.literal("submit"), dispatches: count }),
    z.strictObject({
      op,
      kind: z.literal("refusal"),
      limit: z.string(),
      value: z.number(),
      allowed: z.number(),
    }),
  ]);
  return z.strictObject({
    reads: z.array(id),
    madeConstants: z.exactOptional(z.array(id)),
    isTraining: z.exactOptional(z.boolean()),
    memory: z.strictObject({
      peakUsedBytes: bytes,
      peakAllocatedBytes: bytes,
      peakBuffers: z.array(z.strictObject({ bytes, use, value: z.exactOptional(id), op })),
    }),
    left: z.exactOptional(
      z.array(z.strictObject({ kernel: z.string(), scope, tensors: count, bytes })),
    ),
    unused: z.exactOptional(
      z.strictObject({
        layers: z.array(z.strictObject({ name: z.string(), className: z.string() })),
        params: z.array(z.strictObject({ name: z.string(), elements: count })),
        ops: z.array(z.strictObject({ kernel: z.string(), scope, ops: count })),
      }),
    ),
    flags: z.exactOptional(z.record(z.string(), z.union([z.boolean(), z.number()]))),
    hostValues: z.exactOptional(z.strictObject({ read: tensorCount, made: tensorCount })),
    evaluated: z.exactOptional(
      z.strictObject({ ops: count, milliseconds, missing: z.exactOptional(z.string()) }),
    ),
    times: z.exactOptional(
      z.strictObject({
        runs: count,
        wallMs: milliseconds,
        gpuMs: z.nullable(milliseconds),
        cpuMs: milliseconds,
        readbackMs: milliseconds,
        opCpuMs: z.array(z.tuple([id, milliseconds])),
        clockStepNs: z.nullable(z.number()),
        account: z.exactOptional(
          z.strictObject({
            wallMs: milliseconds,
            parts: z.array(
              z.strictObject({
                part: z.enum(PASS_PARTS),
                ms: z.number(),
                count: z.exactOptional(count),
                bytes: z.exactOptional(bytes),
              }),
            ),
            opMs: z.array(z.tuple([id, milliseconds])),
          }),
        ),
        first: z.exactOptional(
          z.strictObject({
            wallMs: milliseconds,
            pipelines: z.array(z.strictObject({ program: z.string(), ms: milliseconds })),
            uploads: z.strictObject({ count, bytes, ms: milliseconds }),
          }),
        ),
      }),
    ),
    events: z.array(event),
    shaders: z.exactOptional(z.record(z.string(), z.string())),
  });
}

let made: ReturnType<typeof makeRecordingSchema> | undefined;

/**
 * A recording as JSON: a `Recording` whose maps are written out. `opCpuMs` is a list of pairs, an
 * op and its milliseconds. `shaders` is left out by the text form. The schema is made on first
 * use.
 */
export function recordingSchema(): ReturnType<typeof makeRecordingSchema> {
  made ??= makeRecordingSchema();
  return made;
}

export type RecordingJson = z.output<ReturnType<typeof makeRecordingSchema>>;

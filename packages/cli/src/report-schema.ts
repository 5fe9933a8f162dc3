import { CONVENTION_NAMES, type CostReport } from "@opcounter/counters";
import { DTYPES, PASS_PARTS, PLACEMENTS } from "@opcounter/ir";
import * as z from "zod";
import { executedSchema } from "./executed/executed-schema.ts";
import { rooflineSchema } from "./roofline-schema.ts";
import { count, integer, number } from "./schema-numbers.ts";

const figure = z.nullable(integer);
const milliseconds = z.nullable(z.number());

const type = z.object({ dtype: z.enum(DTYPES), shape: z.array(count) });
const namedType = type.extend({ name: z.string() });

const arithmetic = { macs: figure, flops: figure, transcendentals: figure };
const cost = z.object({
  ...arithmetic,
  bytesRead: integer,
  bytesWritten: integer,
  dispatches: count,
  invocations: integer,
  hostOps: count,
  hostBytesUploaded: integer,
  activations: integer,
  gpuTimeMs: milliseconds,
  wallTimeMs: milliseconds,
  costs: z.record(z.string(), z.union([integer, number])),
});

const totals = cost.extend({
  params: integer,
  trainableParams: integer,
  statistics: integer,
  slots: integer,
  peakBytes: integer,
  ops: count,
});

const scopeRow = cost.extend({
  scope: z.string(),
  depth: count,
  className: z.nullable(z.string()),
  outputs: z.array(type),
  ops: count,
  params: integer,
});

const ownerRow = cost.extend({
  owner: z.string(),
  className: z.nullable(z.string()),
  scopes: z.array(z.string()),
  calls: count,
  ops: count,
  params: integer,
  sharedParams: integer,
});

const provenance = z.object({ symbols: z.string(), numbers: z.string() });
const formula = z.object({
  by: z.enum(["formula", "rule", "whole", "omitted", "uncounted"]),
  macs: z.exactOptional(provenance),
  flops: z.exactOptional(provenance),
  transcendentals: z.exactOptional(provenance),
  costs: z.exactOptional(z.record(z.string(), provenance)),
  note: z.string(),
  ownRule: z.exactOptional(z.string()),
});

const extent = z.tuple([count, count, count]);
const dispatch = z.object({
  program: z.string(),
  workgroups: extent,
  workgroupSize: z.exactOptional(extent),
  shader: z.exactOptional(z.string()),
  entryPoint: z.exactOptional(z.string()),
  constants: z.exactOptional(z.record(z.string(), z.number())),
  buffers: z.exactOptional(z.array(count)),
  uniforms: z.exactOptional(z.array(z.int())),
  gpuTime: z.exactOptional(
    z.object({ ns: z.nullable(z.number()), low: z.number(), high: z.number(), runs: count }),
  ),
});

const opRow = z.object({
  id: count,
  kernel: z.string(),
  scope: z.string(),
  placement: z.enum(PLACEMENTS),
  inputs: z.record(z.string(), type),
  attrs: z.record(z.string(), z.json()),
  outputs: z.array(type),
  cost,
  formula,
  dispatches: z.array(dispatch),
  cpuTimeMs: milliseconds,
});

const opAtPeak = z.object({ id: count, kernel: z.string(), scope: z.string() });

const memory = z.object({
  peakBytes: integer,
  peakOps: z.array(opAtPeak),
  plannedBytes: integer,
  recordedUsedBytes: figure,
  recordedAllocatedBytes: figure,
  differences: z.array(
    z.object({
      cause: z.enum([
        ...["scratch", "kept", "uniforms", "staging", "size"],
        ...["not-uploaded", "freed", "on-host", "other-moment"],
      ] as const),
      name: z.string(),
      value: z.nullable(count),
      op: z.nullable(count),
      buffers: count,
      bytes: integer,
    }),
  ),
  explanation: z.nullable(z.string()),
});

const transfers = z.object({ count, bytes: integer });
const kernelIn = { kernel: z.string(), scope: z.string() };
const placeOfOp = { op: z.nullable(count), ...kernelIn };
const tensorCount = z.object({ tensors: count, elements: count });

const recorded = z.object({
  flags: z.record(z.string(), z.union([z.boolean(), z.number()])),
  pipelinesCompiled: count,
  shaders: count,
  submits: count,
  uploads: transfers,
  readbacks: transfers,
  buffers: z.object({
    created: transfers,
    reused: transfers,
    freed: transfers,
    destroyed: transfers,
  }),
  refusals: z.array(
    z.object({ ...placeOfOp, limit: z.string(), value: z.number(), allowed: z.number() }),
  ),
  reads: z.array(z.object(placeOfOp)),
  left: z.nullable(z.array(z.object({ ...kernelIn, tensors: count, bytes: count }))),
  unused: z.nullable(
    z.object({
      layers: z.array(z.object({ name: z.string(), className: z.string() })),
      params: z.array(z.object({ name: z.string(), elements: count })),
      ops: z.array(z.object({ ...kernelIn, ops: count })),
    }),
  ),
  hostValues: z.nullable(z.object({ read: tensorCount, made: tensorCount })),
  evaluated: z.nullable(
    z.object({ ops: count, milliseconds: z.number(), missing: z.exactOptional(z.string()) }),
  ),
  times: z.nullable(
    z.object({
      runs: count,
      wallMs: z.number(),
      gpuMs: milliseconds,
      cpuMs: z.number(),
      readbackMs: z.number(),
      gpuShare: z.nullable(z.number()),
      gpuSpread: z.nullable(z.number()),
      unmeasured: count,
      clockStepNs: z.nullable(z.number()),
      account: z.nullable(
        z.object({
          wallMs: z.number(),
          parts: z.array(
            z.object({
              part: z.enum(PASS_PARTS),
              ms: z.number(),
              count: z.nullable(count),
              bytes: z.nullable(count),
            }),
          ),
        }),
      ),
      first: z.nullable(
        z.object({
          wallMs: z.number(),
          pipelines: z.array(z.object({ program: z.string(), ms: z.number() })),
          uploads: z.object({ count, bytes: count, ms: z.number() }),
        }),
      ),
    }),
  ),
});

const opsOfKernel = z.object({ kernel: z.string(), ops: count });
const interval = z.tuple([integer, integer]);

/** What `--format json` prints, and `reportToJson` gives. What it says besides is left out. */
const reportObject = z.object({
  schemaVersion: z.literal(1),
  model: z.string(),
  device: z.string(),
  convention: z.string().describe(`${CONVENTION_NAMES.join(", ")}, or one of the user's own`),
  passes: z.nullable(z.string()),
  rules: z.array(z.object({ rule: z.string(), times: count })),
  costs: z.array(
    z.object({
      name: z.string(),
      unit: z.string(),
      description: z.string(),
      total: z.enum(["sum", "max"]),
      isExpression: z.boolean(),
    }),
  ),
  params: integer,
  macs: figure,
  flops: figure,
  inputs: z.array(namedType),
  totals,
  weights: z.object({
    bytes: integer,
    storedBytes: integer,
    byStoredType: z.array(
      z.object({ type: z.string(), elements: integer, bytes: integer, storedBytes: integer }),
    ),
  }),
  sparsity: z.nullable(
    z.object({
      zeros: integer,
      elements: integer,
      unknownElements: integer,
      effectiveMacs: integer,
      ops: z.array(
        z.object({
          id: count,
          scope: z.string(),
          weight: z.string(),
          zeros: integer,
          elements: integer,
          macs: integer,
          effectiveMacs: integer,
        }),
      ),
      usedInParts: z.array(z.object({ weight: z.string(), zeros: integer })),
    }),
  ),
  training: z.nullable(
    z.object({
      forwardMacs: integer,
      backwardMacs: integer,
      exceptions: z.array(
        z.object({ scope: z.string(), forwardMacs: integer, backwardMacs: integer }),
      ),
    }),
  ),
  memory,
  recorded: z.nullable(recorded),
  bounds: z.nullable(
    z.object({ flops: interval, transcendentals: interval, kernels: z.array(opsOfKernel) }),
  ),
  byScope: z.array(scopeRow),
  byOwner: z.array(ownerRow),
  byKernel: z.array(cost.extend({ kernel: z.string(), ops: count })),
  ops: z.array(opRow),
  groups: z.array(cost.extend({ pattern: z.string(), scope: z.string(), ops: z.array(count) })),
  layers: z.array(
    z.object({
      scope: z.string(),
      className: z.string(),
      cost: z.object(arithmetic),
      formula,
    }),
  ),
  uncounted: z.array(opsOfKernel),
  leftOut: z.array(
    z.object({
      kind: z.enum(["kernel", "layer", "pattern"]),
      name: z.string(),
      times: count,
      macs: integer,
      flops: integer,
      transcendentals: integer,
    }),
  ),
  warnings: z.array(z.string()),
});

export const reportSchema: z.ZodType<CostReport> = reportObject;

/** A report with what `profile` adds where it is asked for. */
const written = reportObject.extend({
  byLine: z
    .array(cost.extend({ line: z.nullable(z.string()), source: z.string(), ops: count }))
    .optional(),
  roofline: rooflineSchema.optional(),
  executed: executedSchema.optional(),
});

/** The JSON Schema (draft 2020-12) of a report. */
export function reportJsonSchema(): Record<string, unknown> {
  return { ...z.toJSONSchema(written, { io: "input" }), title: "opcounter report" };
}

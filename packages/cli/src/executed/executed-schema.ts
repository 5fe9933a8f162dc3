import { WORK_KINDS } from "@opcounter/executed/work";
import * as z from "zod";
import { count, integer, number } from "../schema-numbers.ts";
import type { ExecutedReport } from "./report.ts";

const work = z.record(z.enum(WORK_KINDS), number);
const problem = { kind: z.enum(["refused", "unsupported", "unrecorded"]), reason: z.string() };

const cost = z.object({
  work,
  atMost: z.nullable(work),
  idle: work,
  invocations: number,
  idleInvocations: number,
  barriers: number,
  divergences: number,
  dispatches: count,
  uncounted: count,
  products: number,
  macs: integer,
  flops: integer,
  bytesRead: integer,
  bytesWritten: integer,
});

const dispatch = z.object({
  program: z.string(),
  workgroups: z.tuple([count, count, count]),
  work: z.nullable(work),
  classes: count,
  problem: z.nullable(z.object(problem)),
});

const waste = z.object({
  cause: z.enum(["padding", "idle-invocations", "index-arithmetic", "re-reads"]),
  amount: z.number(),
  reason: z.string(),
});

/** What `--executed` adds to a report in JSON. */
export const executedSchema: z.ZodType<ExecutedReport> = z.object({
  model: z.string(),
  total: cost,
  byKernel: z.array(cost.extend({ kernel: z.string(), ops: count })),
  byScope: z.array(cost.extend({ scope: z.string(), depth: count, ops: count })),
  ops: z.array(
    cost.extend({
      id: count,
      kernel: z.string(),
      scope: z.string(),
      each: z.array(dispatch),
      waste: z.array(waste),
    }),
  ),
  problems: z.array(z.object({ ...problem, program: z.string(), dispatches: count })),
});

import type { Roofline } from "@opcounter/counters";
import * as z from "zod";
import { deviceSpecSchema } from "./device-spec-schema.ts";
import { count } from "./schema-numbers.ts";

const milliseconds = z.nullable(z.number());

const expected = z.nullable(z.object({ ms: z.number(), lowMs: z.number(), highMs: z.number() }));

const row = z.object({
  op: z.nullable(count),
  name: z.string(),
  scope: z.string(),
  flops: z.number(),
  transcendentals: z.number(),
  bytes: z.number(),
  intensity: z.nullable(z.number()),
  bound: z.enum(["compute", "transcendentals", "memory", "launch"]),
  leastMs: z.number(),
  expected,
  measuredMs: milliseconds,
  lostMs: milliseconds,
  share: z.nullable(z.number()),
});

const transfers = z.object({ count, bytes: z.number(), ms: milliseconds });

/** What `--roofline` and `--device-spec` add to a report in JSON. */
export const rooflineSchema: z.ZodType<Roofline> = z.object({
  spec: deviceSpecSchema,
  ridge: z.number(),
  host: z.object({ ops: count, ms: z.number(), isMeasured: z.boolean() }),
  shortestMs: milliseconds,
  idles: z.boolean(),
  expectedIdle: expected,
  transfers: z.object({ uploads: transfers, readbacks: transfers }),
  total: row,
  ops: z.array(row),
  scopes: z.array(row),
  groups: z.array(row),
  slowest: z.array(row),
});

import type { DeviceSpec } from "@opcounter/counters";
import * as z from "zod";

const positive = z.number().positive();

const efficiency = z.object({
  efficiency: positive,
  low: positive.max(1),
  high: positive.min(1),
});

const transferTimes = z.array(z.object({ bytes: positive, ms: positive }));

/** A device's specification in a file. What it says besides is left out. */
export const deviceSpecSchema: z.ZodType<DeviceSpec> = z
  .object({
    name: z.string(),
    source: z.string().optional(),
    flops: positive,
    bandwidth: positive,
    transcendentals: positive.optional(),
    integers: positive.optional(),
    workgroupFlops: positive.optional(),
    launchNs: positive.optional(),
    idle: z.object({ launchNs: positive, slowdown: z.number().min(1) }).optional(),
    uploads: transferTimes.optional(),
    readbacks: transferTimes.optional(),
    programs: z.record(z.string(), efficiency).optional(),
    otherPrograms: efficiency.optional(),
  })
  .refine(
    ({ programs, otherPrograms }) => (programs === undefined) === (otherPrograms === undefined),
    {
      error: "programs and otherPrograms go together",
    },
  );

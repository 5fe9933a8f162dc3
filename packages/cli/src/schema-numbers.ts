import type { Integer } from "@opcounter/counters";
import * as z from "zod";

/** Past 2^53 − 1 an integer is written as a string of digits. */
export const integer: z.ZodType<Integer, unknown> = z.union([
  z.int(),
  z
    .string()
    .regex(/^-?\d{1,400}$/)
    .transform(BigInt),
]);
/** A number that JSON lacks is written as its name. */
export const number = z.union([
  z.number(),
  z.enum(["NaN", "Infinity", "-Infinity"]).transform(Number),
]);
export const count = z.int().nonnegative();

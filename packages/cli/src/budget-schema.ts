import { REPORT_QUANTITIES } from "@opcounter/counters";
import * as z from "zod";

const amount = z.union([z.number().nonnegative(), z.string()]);

/** The built-in quantities have names that an editor completes; others are costs of the user's own. */
const limits = z
  .object(
    Object.fromEntries(
      REPORT_QUANTITIES.map(({ name, title, unit }) => [
        name,
        z.exactOptional(amount).describe(`the most ${title} (${unit})`),
      ]),
    ),
  )
  .catchall(amount);

const entry = z.strictObject({
  target: z.string().describe("what to run, as opcounter check takes it; a path is from this file"),
  input: z.exactOptional(z.array(z.string())).describe("as --input writes them"),
  batch: z.exactOptional(z.int().positive()),
  convention: z.exactOptional(z.string()),
  passes: z.exactOptional(z.string()),
  max: z.exactOptional(limits).describe("limits of the whole"),
  scopes: z
    .exactOptional(z.record(z.string(), limits))
    .describe("limits of each scope that a pattern matches"),
  baseline: z.exactOptional(z.string()).describe("a report to compare with; from this file"),
  maxIncrease: z.exactOptional(amount).describe("how much more than the baseline, such as 2%"),
  strict: z.exactOptional(z.boolean()),
});

/** A file of budgets, `opcounter.budget.json`. */
export const budgetSchema = z.strictObject({
  $schema: z.exactOptional(z.string()),
  budgets: z.array(entry).min(1),
});

export type BudgetEntry = z.output<typeof entry>;

/** The JSON Schema (draft 2020-12) of a file of budgets. */
export function budgetJsonSchema(): Record<string, unknown> {
  return { ...z.toJSONSchema(budgetSchema, { io: "input" }), title: "opcounter budget" };
}

import { existsSync } from "node:fs";
import { dirname, isAbsolute, join } from "node:path";
import { OpcounterError } from "@opcounter/ir";
import type { BudgetEntry } from "./budget-schema.ts";
import { readJson } from "./read-file.ts";

/**
 * The budgets of a file. Relative paths in it are from its folder.
 *
 * @throws OpcounterError where it cannot be read, or holds no budgets.
 */
export async function readBudgets(file: string): Promise<readonly BudgetEntry[]> {
  const { budgetSchema } = await import("./budget-schema.ts");
  const parsed = budgetSchema.safeParse(readJson(file));
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new OpcounterError(
      "budget-invalid",
      `${file} holds no budgets: ${issue?.message ?? "it does not fit"} at ${issue?.path.join(".") || "the top"}`,
      { remedy: "see opcounter schema --budget" },
    );
  }
  const beside = (path: string) => (isAbsolute(path) ? path : join(dirname(file), path));
  return parsed.data.budgets.map(({ target, baseline, ...budget }) => ({
    ...budget,
    target: existsSync(beside(target)) ? beside(target) : target,
    ...(baseline === undefined ? {} : { baseline: beside(baseline) }),
  }));
}

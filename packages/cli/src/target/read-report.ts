import type { CostReport } from "@opcounter/counters";
import { nestsDeeper, OpcounterError } from "@opcounter/ir";
import { readJson } from "../read-file.ts";

/** Deeper than any report: attributes nest at most 64 deep. */
const DEEPEST = 80;

/**
 * A report that `--format json` wrote.
 *
 * @throws OpcounterError that names the file and the place in it.
 */
export async function readReport(path: string): Promise<CostReport> {
  const json = readJson(path);
  const { reportSchema } = await import("../report-schema.ts");
  const parsed = nestsDeeper(json, DEEPEST) ? undefined : reportSchema.safeParse(json);
  if (parsed?.success) return parsed.data;
  const [issue] = parsed?.error.issues ?? [];
  throw new OpcounterError(
    "report-invalid",
    `${path} is no report: ${issue?.message ?? "it nests too deep"} at ${issue?.path.join(".") || "the top"}`,
    { remedy: "write it again by opcounter profile --format json" },
  );
}

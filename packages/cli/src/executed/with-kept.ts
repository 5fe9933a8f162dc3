import type { Graph } from "@opcounter/ir";
import { withProgress } from "../progress.ts";
import type { ExecutedReport } from "./report.ts";

/** Counts what the shaders of a recorded graph execute, with what earlier runs counted. */
export async function executedWith(recorded: Graph): Promise<ExecutedReport> {
  const { executedKept } = await import("./kept-report.ts");
  const what = `Counting what the shaders of ${recorded.name} execute`;
  return withProgress(what, async () => executedKept(recorded));
}

import type { Graph } from "@opcounter/ir";
import { withProgress } from "../progress.ts";
import type { ExecutedReport } from "./report.ts";

/** Counts what the shaders of a recorded graph execute, with what earlier runs counted. */
export async function executedWith(recorded: Graph): Promise<ExecutedReport> {
  const [{ executedReport }, { KeptWork }] = await Promise.all([
    import("./report.ts"),
    import("./kept-work.ts"),
  ]);
  return withProgress(`Counting what the shaders of ${recorded.name} execute`, async () => {
    const kept = new KeptWork();
    const report = executedReport(recorded, kept);
    kept.keep();
    return report;
  });
}

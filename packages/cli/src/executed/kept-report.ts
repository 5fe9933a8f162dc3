import type { Graph } from "@opcounter/ir";
import { KeptWork } from "./kept-work.ts";
import { type ExecutedReport, executedReport } from "./report.ts";

/** What the shaders of a recorded graph execute, with what earlier runs counted. */
export function executedKept(recorded: Graph): ExecutedReport {
  const kept = new KeptWork();
  const report = executedReport(recorded, kept);
  kept.keep();
  return report;
}

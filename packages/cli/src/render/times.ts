import type { CostReport } from "@opcounter/counters";
import { counted, type FirstPass, grouped, shortBytes } from "@opcounter/ir";
import { milliseconds, percent } from "./numbers.ts";

/** How many pipelines are named. */
const MOST_PIPELINES = 5;

/** A device whose quartiles are so far apart had more than one speed. */
const UNSTEADY = 1.5;

/** How long a timed pass took, and the first one. */
export function timeLines({ recorded, totals }: CostReport): string[] {
  if (recorded?.times == null) return [];
  const { runs, wallMs, gpuMs, gpuShare, gpuSpread, cpuMs, readbackMs } = recorded.times;
  const { unmeasured, clockStepNs, first } = recorded.times;
  const share = gpuShare === null ? "" : `, ${percent(gpuShare, 1)} of the time`;
  const onGpu =
    totals.dispatches === 0
      ? "it runs nothing on the GPU"
      : `its dispatches run for ${milliseconds(gpuMs)} on the GPU${share}`;
  const lines = [
    "",
    `timed in ${counted(runs, "run")}, medians: a pass takes ${milliseconds(wallMs)}; ${onGpu}; kernels take ${milliseconds(cpuMs)} on the CPU; waiting for values that are read back takes ${milliseconds(readbackMs)}.`,
  ];
  if (first !== null) lines.push(firstPass(first));
  if (gpuSpread !== null && gpuSpread >= UNSTEADY) {
    lines.push(
      `The device was not steady: a dispatch took ${gpuSpread.toFixed(1)} times as long in the slower runs as in the faster (quartiles). A GPU with little to do lowers its clock after a second or two; more --runs show what lasts.`,
    );
  }
  if (clockStepNs !== null) {
    lines.push(
      `The device's clock goes in steps of ${milliseconds(clockStepNs / 1e6)}, so times are means over the runs; ${grouped(unmeasured)} of ${counted(totals.dispatches, "dispatch", "dispatches")} ${unmeasured === 1 ? "is" : "are"} too short to measure (more --runs measure more).`,
    );
  }
  return lines;
}

/** What whoever waits for the first pass waits for. */
function firstPass({ wallMs, pipelines, uploads }: FirstPass): string {
  const compiling = pipelines.reduce((sum, { ms }) => sum + ms, 0);
  const byTime = [...pipelines].sort((a, b) => b.ms - a.ms);
  const named = byTime
    .slice(0, MOST_PIPELINES)
    .map(({ program, ms }) => `${program} ${milliseconds(ms)}`);
  const more = pipelines.length - named.length;
  if (more > 0) named.push(`${grouped(more)} more`);
  const list = named.length === 0 ? "" : ` (${named.join(", ")})`;
  return `The first pass takes ${milliseconds(wallMs)}, recording included: it compiles ${counted(pipelines.length, "pipeline")} in ${milliseconds(compiling)}${list}, and makes ${counted(uploads.count, "upload")} of ${shortBytes(uploads.bytes)} in ${milliseconds(uploads.ms)}.`;
}

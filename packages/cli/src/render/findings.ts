import {
  analyse,
  bufferPlan,
  counted,
  dispatchSummary,
  formatScope,
  type Graph,
  grouped,
  liveness,
  type Op,
} from "@opcounter/ir";
import { reportOf } from "../passes.ts";
import { leftOutLines, uncountedLines, warningLines } from "./notes.ts";
import { bytesInFull } from "./numbers.ts";
import { withVisibleTexts } from "./visible.ts";

/** What an analysis pass found; undefined for passes that change the graph. */
export function findingsOf(pass: string, graph: Graph): string | undefined {
  switch (pass) {
    case "count":
      return costs(graph);
    case "liveness":
      return memory(graph);
    case "dispatch-summary":
      return dispatches(graph);
    default:
      return undefined;
  }
}

/** The totals in one line, and the warnings below it. */
function costs(graph: Graph): string | undefined {
  const report = withVisibleTexts(reportOf(graph));
  if (report === undefined) return undefined;
  const { convention, totals, warnings, uncounted } = report;
  const { params, macs, flops, bytesRead, bytesWritten, dispatches } = totals;
  const figures = { params, MACs: macs, FLOPs: flops, "bytes read": bytesRead };
  const all = { ...figures, "bytes written": bytesWritten, dispatches };
  const shown = Object.entries(all).flatMap(([name, value]) =>
    value === null ? [] : [`${grouped(value)} ${name}`],
  );
  const line = `count (${convention}): ${shown.join(", ")}`;
  return [
    line,
    ...leftOutLines(report),
    ...warningLines(warnings),
    ...uncountedLines(uncounted),
  ].join("\n");
}

function memory(graph: Graph): string {
  const { peakBytes, peakOps, residentBytes } = analyse(graph, liveness);
  const { slotOf, slotBytes, totalBytes } = analyse(graph, bufferPlan);
  const results = slotOf.filter((slot) => slot !== -1).length;
  const [first, ...others] = peakOps.map((id) => graph.ops[id]);
  const more = others.length === 0 ? "" : ` and ${counted(others.length, "other op")}`;
  return [
    `liveness: ${bytesInFull(peakBytes)} alive at most${first === undefined ? "" : `, at ${placeOf(first)}${more}`}`,
    `  ${bytesInFull(residentBytes)} of that in inputs, parameters and constants`,
    `  planned: ${bytesInFull(totalBytes)}, with ${counted(results, "result")} in ${counted(slotBytes.length, "buffer")}`,
  ].join("\n");
}

function placeOf(op: Op): string {
  const { id, kernel, scope } = withVisibleTexts(op);
  const name = `%${id} ${kernel}`;
  return scope.length === 0 ? name : `${formatScope(scope)} (${name})`;
}

function dispatches(graph: Graph): string {
  const { dispatches, programs, placements } = withVisibleTexts(analyse(graph, dispatchSummary));
  const { gpu, cpu, view } = placements;
  const ops = `${counted(gpu, "op")} on the GPU, ${grouped(cpu)} on the CPU, ${counted(view, "view")}`;
  return [
    `dispatch-summary: ${counted(dispatches, "dispatch", "dispatches")} of ${counted(programs.length, "program")}; ${ops}`,
    ...programs.map(
      ({ program, kernels, dispatches, workgroups }) =>
        `  ${grouped(dispatches)} × ${program} (${kernels.join(", ")}), ${counted(workgroups, "workgroup")}`,
    ),
  ].join("\n");
}

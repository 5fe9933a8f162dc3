import type { CostReport } from "@opcounter/counters";
import { counted, grouped, opDialect, shortBytes } from "@opcounter/ir/core";

/** Whether a report is of a recorded WebGPU program, which has no layers and no parameters. */
export function isOfProgram({ byKernel }: Pick<CostReport, "byKernel">): boolean {
  return byKernel.some(({ kernel }) => opDialect(kernel) !== undefined);
}

/** What a program did with its device, for the head of its report. */
export function programFacts({ device, recorded, totals }: CostReport): string[] {
  if (recorded === null) return [`device ${device}`];
  const { submits, pipelinesCompiled, buffers, uploads, readbacks } = recorded;
  const transfers = (noun: string, { count, bytes }: typeof uploads) =>
    count === 0 ? [] : [`${counted(count, noun)} (${shortBytes(bytes)})`];
  return [
    `device ${device}`,
    counted(submits, "submit"),
    counted(totals.dispatches, "dispatch", "dispatches"),
    counted(pipelinesCompiled, "pipeline"),
    counted(buffers.created.count, "buffer"),
    ...transfers("upload", uploads),
    ...transfers("readback", readbacks),
  ];
}

/** The totals of a program, as name, value in every digit, and meaning. */
export function programTotals(
  report: CostReport,
): [name: string, value: string, meaning: string][] {
  const { buffers } = report.recorded ?? {};
  const { recordedUsedBytes: used } = report.memory;
  const made = buffers === undefined ? "" : `${shortBytes(buffers.created.bytes)} created in all`;
  return used === null ? [] : [["buffers at once", grouped(used), `${shortBytes(used)}; ${made}`]];
}

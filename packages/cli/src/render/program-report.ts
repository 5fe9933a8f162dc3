import type { CostReport } from "@opcounter/counters";
import { counted, opDialect, shortBytes } from "@opcounter/ir/core";

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

/** What the peak of a program's memory is of. */
export function buffersAtOnce({ totals, recorded }: CostReport): string {
  const made = recorded === null ? "" : `, of ${shortBytes(recorded.buffers.created.bytes)} in all`;
  return `${shortBytes(totals.peakBytes)} of buffers at once${made}`;
}

import type { CostReport, WeightsReport } from "@opcounter/counters";
import { counted, grouped, shortBytes } from "@opcounter/ir";
import { short } from "./numbers.ts";
import { ownTotals } from "./own-costs.ts";
import { buffersAtOnce, isOfProgram } from "./program-report.ts";

/** A total: its name, its value in every digit, and what it means. */
type Total = [name: string, value: string, meaning: string];

/** The totals, in the order of the report. */
export function totalsOf(report: CostReport): Total[] {
  const { totals, convention, sparsity } = report;
  // A recorded program has no parameters, and no layers that give activations.
  const isOfModel = !isOfProgram(report);
  const lines = isOfModel ? parameterTotals(report) : [];
  if (totals.macs !== null) {
    const what = convention === "native" ? "multiply-accumulate pairs" : `as ${convention} counts`;
    lines.push(["MACs", grouped(totals.macs), what]);
  }
  if (sparsity !== null) {
    const are = sparsity.zeros === 1 ? "is" : "are";
    const zeros = `without those by ${counted(sparsity.zeros, "weight")} that ${are} 0`;
    lines.push(["effective MACs", grouped(sparsity.effectiveMacs), zeros]);
  }
  if (totals.flops !== null) {
    const what =
      convention === "native" ? "2 per MAC, and all other arithmetic" : `as ${convention} counts`;
    lines.push(["FLOPs", grouped(totals.flops), what]);
  }
  if (totals.transcendentals !== null) {
    lines.push(["transcendentals", grouped(totals.transcendentals), "exp, log, sqrt, tanh, …"]);
  }
  if (isOfModel) {
    const what = "elements that convolutions and products give";
    lines.push(["activations", grouped(totals.activations), what]);
  }
  lines.push(
    ["bytes read", grouped(totals.bytesRead), shortBytes(totals.bytesRead)],
    ["bytes written", grouped(totals.bytesWritten), shortBytes(totals.bytesWritten)],
    ["peak memory", grouped(totals.peakBytes), isOfModel ? alive(report) : buffersAtOnce(report)],
    ...(isOfModel ? observed(report) : []),
    ...ownTotals(report),
    ["ops", grouped(totals.ops), launched(totals)],
  );
  if (totals.hostOps > 0) {
    const uploaded = `${shortBytes(totals.hostBytesUploaded)} of their results uploaded each pass`;
    lines.push(["ops on host", grouped(totals.hostOps), uploaded]);
  }
  return lines;
}

function parameterTotals({ totals, weights }: CostReport): Total[] {
  const lines: Total[] = [
    ["params", grouped(totals.params), `${grouped(totals.trainableParams)} trainable`],
  ];
  if (Number(totals.statistics) > 0) {
    lines.push(["statistics", grouped(totals.statistics), "batch-norm statistics, no params"]);
  }
  if (Number(totals.slots) > 0) {
    lines.push(["slots", grouped(totals.slots), "optimizer state, no params"]);
  }
  return [...lines, ["weights", grouped(weights.bytes), describeWeights(weights)]];
}

/** `30.76 MiB`; of quantized weights `0.71 MiB in memory, 0.18 MiB in files as uint8`. */
function describeWeights({ bytes, storedBytes, byStoredType }: WeightsReport): string {
  if (bytes === storedBytes) return shortBytes(bytes);
  const types = byStoredType.map(({ type }) => type).join(", ");
  return `${shortBytes(bytes)} in memory, ${shortBytes(storedBytes)} in files as ${types}`;
}

/** `469 GPU dispatches of 12,345,678 invocations` */
function launched({ dispatches, invocations }: CostReport["totals"]): string {
  const noun = invocations === 1 ? "invocation" : "invocations";
  const work = invocations === 0 ? "" : ` of ${short(invocations)} ${noun}`;
  return `${counted(dispatches, "GPU dispatch", "GPU dispatches")}${work}`;
}

function alive({ totals, memory }: CostReport): string {
  const [first] = memory.peakOps;
  const at = first === undefined ? "" : `, at ${first.scope || `%${first.id} ${first.kernel}`}`;
  return `${shortBytes(totals.peakBytes)} alive${at}`;
}

function observed({ memory, passes }: CostReport): Total[] {
  const { recordedUsedBytes: used, recordedAllocatedBytes: allocated } = memory;
  if (used === null || allocated === null) return [];
  const when = passes === null ? "" : ", before the passes";
  const what = `${shortBytes(used)} in use by tfjs${when}, ${shortBytes(allocated)} with free buffers`;
  return [["held by tfjs", grouped(used), what]];
}

import type { CostReport, Integer, MemoryReport, WeightsReport } from "@opcounter/counters";
import { counted, formatType, type Graph, grouped, shortBytes } from "@opcounter/ir";
import colors from "picocolors";
import { accountTables } from "./account.ts";
import { type Paint, renderColumns } from "./columns.ts";
import { fold, type Style } from "./lines.ts";
import {
  leftLines,
  leftOutLines,
  uncountedLines,
  unusedLines,
  warningLines,
  withOps,
} from "./notes.ts";
import { bytesInFull, short } from "./numbers.ts";
import { ownTotals } from "./own-costs.ts";
import { type RowTableOptions, rowTable } from "./row-table.ts";
import { shorten } from "./shorten.ts";
import { timeLines } from "./times.ts";

export interface TableOptions extends RowTableOptions, Style {}

/** The report for people: a table of rows, then the totals in full digits. */
export function renderTable(report: CostReport, graph: Graph, options: TableOptions): string {
  const paint = colors.createColors(options.color);
  const { columns, rows, leftOut } = rowTable(report, graph, options.bars, options);
  const listsOps = options.by !== "op";
  const table = [
    ...accountTables(report, { listsOps, width: options.width, paint }),
    renderColumns(columns, rows, options.width, paint),
    ...(leftOut === undefined ? [] : [paint.dim(fold(leftOut, options.width))]),
  ];
  return renderReport(report, table.join("\n"), options);
}

/** What a report is of, a table, then the totals in full digits and the notes. */
export function renderReport(report: CostReport, table: string, { width, color }: Style): string {
  const paint = colors.createColors(color);
  const parts = [
    heading(report, width, paint),
    table,
    "",
    summary(report, width, paint),
    ...[...interval(report), ...timeLines(report), ...trainingRatio(report)].map((line) =>
      fold(line, width),
    ),
    ...notes(report, width, paint),
  ];
  return `${parts.join("\n")}\n`;
}

const MOST_EXCEPTIONS = 10;

function heading(report: CostReport, width: number, paint: Paint): string {
  const model = report.model;
  const inputs = report.inputs.map((input) => `${input.name}: ${formatType(input)}`).join(", ");
  const own = report.rules.some(({ times }) => times > 0) ? " and rules of your own" : "";
  const passes = report.passes === null ? "" : `after ${report.passes}`;
  const by = `convention ${report.convention}${own}`;
  const flags = Object.entries(report.recorded?.flags ?? {}).map((flag) => flag.join("="));
  const facts = [inputs, `device ${report.device}`, ...flags, by, passes];
  const line = fold(`${model}  ${facts.filter(Boolean).join("  ·  ")}`, width);
  return `${paint.bold(line.slice(0, model.length))}${paint.dim(line.slice(model.length))}\n`;
}

const NAME_WIDTH = 16;

function summary(report: CostReport, width: number, paint: Paint): string {
  const { totals, memory, convention, weights, sparsity } = report;
  const lines: [string, string, string][] = [
    ["params", grouped(totals.params), `${grouped(totals.trainableParams)} trainable`],
  ];
  if (Number(totals.statistics) > 0) {
    lines.push(["statistics", grouped(totals.statistics), "batch-norm statistics, no params"]);
  }
  if (Number(totals.slots) > 0) {
    lines.push(["slots", grouped(totals.slots), "optimizer state, no params"]);
  }
  lines.push(["weights", grouped(weights.bytes), describeWeights(weights)]);
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
  lines.push(
    ["activations", grouped(totals.activations), "elements that convolutions and products give"],
    ["bytes read", grouped(totals.bytesRead), shortBytes(totals.bytesRead)],
    ["bytes written", grouped(totals.bytesWritten), shortBytes(totals.bytesWritten)],
    [
      "peak memory",
      grouped(totals.peakBytes),
      `${shortBytes(totals.peakBytes)} alive${atOp(memory)}`,
    ],
    ...observed(report),
    ...ownTotals(report),
    ["ops", grouped(totals.ops), launched(totals)],
  );
  if (totals.hostOps > 0) {
    const uploaded = `${shortBytes(totals.hostBytesUploaded)} of their results uploaded each pass`;
    lines.push(["ops on host", grouped(totals.hostOps), uploaded]);
  }
  const longest = Math.max(...lines.map(([, value]) => value.length));
  const numbersEnd = NAME_WIDTH + longest;
  return lines
    .map(([name, value, what]) => {
      // A word without a space, such as the path of a scope, has to fit a line.
      const words = what
        .split(" ")
        .map((word) => shorten(word, Math.max(width - numbersEnd - 2, 24)));
      const plain = `${name.padEnd(NAME_WIDTH)}${value.padStart(longest)}  ${words.join(" ")}`;
      const line = fold(plain, width, numbersEnd + 2);
      const number = paint.bold(line.slice(NAME_WIDTH, numbersEnd));
      return `${line.slice(0, NAME_WIDTH)}${number}${paint.dim(line.slice(numbersEnd))}`;
    })
    .join("\n");
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

function atOp({ peakOps: [first] }: MemoryReport): string {
  return first === undefined ? "" : `, at ${first.scope || `%${first.id} ${first.kernel}`}`;
}

function observed({ memory, passes }: CostReport): [string, string, string][] {
  const { recordedUsedBytes: used, recordedAllocatedBytes: allocated } = memory;
  if (used === null || allocated === null) return [];
  const when = passes === null ? "" : ", before the passes";
  const what = `${shortBytes(used)} in use by tfjs${when}, ${shortBytes(allocated)} with free buffers`;
  return [["held by tfjs", grouped(used), what]];
}

/** The interval of the FLOPs, if the work of some ops depends on values. */
function interval({ bounds }: CostReport): string[] {
  if (bounds === null) return [];
  const [least, most] = bounds.flops;
  const which =
    bounds.kernels.length === 1
      ? "depends on values and counts by an upper bound"
      : "depend on values and count by upper bounds";
  return [
    "",
    `FLOPs lie between ${grouped(least)} and ${grouped(most)}: ${withOps(bounds.kernels)} ${which}.`,
  ];
}

/** How the backward pass of a training step compares with the forward pass. */
function trainingRatio({ training }: CostReport): string[] {
  if (training === null) return [];
  const { forwardMacs, backwardMacs, exceptions } = training;
  const times = (backward: Integer, forward: Integer) =>
    (Number(backward) / Number(forward)).toFixed(3);
  const shown = exceptions.slice(0, MOST_EXCEPTIONS).map(({ scope, ...macs }) => {
    const ratio =
      Number(macs.forwardMacs) === 0
        ? ""
        : ` (${times(macs.backwardMacs, macs.forwardMacs)} times)`;
    return `  ${scope}: ${grouped(macs.forwardMacs)} forward, ${grouped(macs.backwardMacs)} backward${ratio}`;
  });
  const more = exceptions.length - shown.length;
  return [
    "",
    `training: backward has ${times(backwardMacs, forwardMacs)} times the MACs of forward; the rule of thumb is 2, the weights' gradients and the inputs', and ${exceptions.length === 0 ? "it holds everywhere." : `it is off in ${counted(exceptions.length, "scope")}:`}`,
    ...shown,
    ...(more > 0 ? [`  … ${grouped(more)} more`] : []),
  ];
}

function notes(report: CostReport, width: number, paint: Paint): string[] {
  const { uncounted, warnings, recorded } = report;
  const alarm = (line: string) => paint.yellow(fold(line, width));
  const told = [
    ...leftOutLines(report),
    ...unusedLines(report),
    ...leftLines(report),
    ...warningLines(warnings),
  ];
  const lines = told.map((line) => fold(line, width));
  for (const { op, kernel, scope, limit, value, allowed } of recorded?.refusals ?? []) {
    const where = op === null ? "the framework" : `%${op} ${kernel}${scope && ` in ${scope}`}`;
    const amount = IN_BYTES.test(limit) ? bytesInFull : grouped;
    lines.push(
      alarm(
        `refused: ${where} needs ${amount(value)}, and ${limit} is ${amount(allowed)}; a device with these limits does not run it.`,
      ),
    );
  }
  lines.push(...uncountedLines(uncounted).map(alarm));
  return lines.length === 0 ? [] : ["", ...lines];
}

/** The limits that are numbers of bytes: maxBufferSize, maxComputeWorkgroupStorageSize, … */
const IN_BYTES = /(?:Buffer|Binding|Storage)Size$/;

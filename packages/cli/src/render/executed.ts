import type { DeviceSpec } from "@opcounter/counters";
import { WORK_KINDS, type WorkKind } from "@opcounter/executed/work";
import { counted, grouped, shortBytes } from "@opcounter/ir";
import { executedLimits } from "../executed/limits.ts";
import type { ExecutedCost, ExecutedReport } from "../executed/report.ts";
import { floatOperations } from "../executed/waste.ts";
import type { Paint } from "./columns.ts";
import { tableForTerminal } from "./data-table.ts";
import { type ExecutedRows, executedTable } from "./executed-table.ts";
import { fold } from "./lines.ts";
import { markdownText, tableInMarkdown } from "./markdown.ts";
import { milliseconds, percent } from "./numbers.ts";

/** How many rows there are where `--top` does not say. */
const USUAL_ROWS = 10;

/** The rows that execute most beyond their formulas, then what all shaders execute. */
export function renderExecuted(
  report: ExecutedReport,
  rows: ExecutedRows,
  { width, paint }: { width: number; paint: Paint },
  spec?: DeviceSpec,
): string {
  const table = executedTable(report, { ...rows, top: rows.top ?? USUAL_ROWS });
  return [
    `${paint.bold("executed")}${paint.dim("  by the shaders, counted in their WGSL")}`,
    "",
    tableForTerminal(table, width, paint),
    "",
    ...sentences(report, spec).map((sentence) => fold(sentence, width)),
    ...problems(report).map((sentence) => paint.yellow(fold(sentence, width))),
    "",
  ].join("\n");
}

/** The same in Markdown. */
export function executedInMarkdown(
  report: ExecutedReport,
  rows: ExecutedRows,
  spec?: DeviceSpec,
): string {
  const table = executedTable(report, { ...rows, top: rows.top ?? USUAL_ROWS });
  return [
    "#### Executed by the shaders",
    tableInMarkdown(table),
    ...sentences(report, spec).map(markdownText),
    ...problems(report).map((sentence) => `> ${markdownText(sentence)}`),
  ].join("\n\n");
}

function sentences(report: ExecutedReport, spec: DeviceSpec | undefined): string[] {
  const { total } = report;
  const { work, products, macs, bytesRead, bytesWritten, invocations, idleInvocations } = total;
  const { multiplyAdds, integers, loadBytes, storeBytes } = work;
  const atomics = work.atomics === 0 ? "" : `; ${counted(work.atomics, "atomic operation")}`;
  const floats = floatOperations(work);
  const lines = [
    `${counted(multiplyAdds, "multiply-add")} and ${counted(floats - multiplyAdds, "other floating-point operation")}${ratio(products, Number(macs), (n) => `; ${n} products for each MAC`)}`,
    `${counted(integers, "integer operation")}${ratio(integers, floats, (n) => `, ${n} for each floating-point one`)}`,
    `${shortBytes(loadBytes)} loaded${ratio(loadBytes, Number(bytesRead), (n) => `, ${n} times the operands`)}; ${shortBytes(storeBytes)} stored${ratio(storeBytes, Number(bytesWritten), (n) => `, ${n} times the results`)}${atomics}`,
    `${counted(total.barriers, "wait")} at barriers, ${counted(total.divergences, "branch", "branches")} whose invocations part ways, ${percent(idleInvocations, invocations) || "0 %"} of ${counted(invocations, "invocation")} without a result`,
  ];
  const least = spec === undefined ? [] : [leastTime(report, spec)];
  return [...lines, ...least, ...bounds(total)];
}

/** How long a device takes at least for what is executed, and why. */
function leastTime(report: ExecutedReport, spec: DeviceSpec): string {
  const { leastMs, arithmeticMs, transcendentalsMs, integersMs } = executedLimits(report, spec);
  const integers =
    integersMs === null
      ? "its rate of integer operations is not known"
      : `${milliseconds(integersMs)} of integer operations`;
  return `on ${spec.name} at least ${milliseconds(leastMs)}, whatever it loads: ${milliseconds(arithmeticMs)} of floating-point arithmetic and ${milliseconds(transcendentalsMs)} of transcendentals; ${integers}`;
}

function ratio(part: number, whole: number, words: (times: string) => string): string {
  return whole === 0 || part === 0 ? "" : words((part / whole).toFixed(2));
}

const NAMES: Readonly<Record<WorkKind, string>> = {
  multiplyAdds: "multiply-adds",
  additions: "additions",
  multiplications: "multiplications",
  divisions: "divisions",
  comparisons: "comparisons",
  transcendentals: "transcendentals",
  integers: "integer operations",
  loads: "loads",
  stores: "stores",
  loadBytes: "loaded bytes",
  storeBytes: "stored bytes",
  sharedLoadBytes: "bytes loaded from workgroup memory",
  sharedStoreBytes: "bytes stored to workgroup memory",
  atomics: "atomic operations",
};

/** What depends on the contents of buffers. */
function bounds({ work, atMost }: ExecutedCost): string[] {
  if (atMost === null) return [];
  const open = WORK_KINDS.filter((kind) => work[kind] !== atMost[kind]).map((kind) => {
    const most = Number.isFinite(atMost[kind]) ? grouped(atMost[kind]) : "no bound";
    return `${NAMES[kind]} between ${grouped(work[kind])} and ${most}`;
  });
  return [`contents of buffers decide some branches: ${open.join(", ")}`];
}

function problems({ problems: all }: ExecutedReport): string[] {
  return all.map(({ program, kind, reason, dispatches }) => {
    const what =
      kind === "refused"
        ? "a real device refuses its shader"
        : kind === "unsupported"
          ? "its shader has what cannot be counted"
          : "it cannot be counted";
    return `${program} (${counted(dispatches, "dispatch", "dispatches")}): ${what}: ${reason}.`;
  });
}

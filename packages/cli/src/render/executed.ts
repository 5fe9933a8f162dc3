import type { DeviceSpec } from "@opcounter/counters";
import { WORK_KINDS, type WorkKind } from "@opcounter/executed";
import { counted, grouped, shortBytes } from "@opcounter/ir";
import { executedLimits } from "../executed/limits.ts";
import type { ExecutedCost, ExecutedReport } from "../executed/report.ts";
import { floatOperations } from "../executed/waste.ts";
import { type Cells, type Column, type Paint, renderColumns } from "./columns.ts";
import { fold } from "./lines.ts";
import { milliseconds, percent, short } from "./numbers.ts";
import type { Grouping } from "./rows.ts";

const COLUMNS: readonly Column[] = [
  { title: "scope", align: "left", rank: 6.5 },
  { title: "products", align: "right", rank: 9 },
  { title: "per MAC", align: "right", rank: 8 },
  { title: "integers", align: "right", rank: 7 },
  { title: "per float", align: "right", rank: 5 },
  { title: "loaded", align: "right", rank: 6 },
  { title: "× operands", align: "right", rank: 4 },
  { title: "stored", align: "right", rank: 2 },
  { title: "no result", align: "right", rank: 3 },
  { title: "part ways", align: "right", rank: 1 },
];

/** How many rows there are where `--top` does not say. */
const USUAL_ROWS = 10;

interface Row {
  readonly name: string;
  readonly scope: string;
  readonly cost: ExecutedCost;
  readonly reasons: readonly string[];
}

/** The rows that execute most beyond their formulas, then what all shaders execute. */
export function renderExecuted(
  report: ExecutedReport,
  { by, depth, top }: { by: Grouping; depth: number; top: number | undefined },
  { width, paint }: { width: number; paint: Paint },
  spec?: DeviceSpec,
): string {
  const rows = rowsOf(report, by, depth)
    .sort((a, b) => beyond(b.cost) - beyond(a.cost))
    .slice(0, top ?? USUAL_ROWS);
  const first: Column = { title: "most beyond its formula", align: "left", rank: 10 };
  return [
    `${paint.bold("executed")}${paint.dim("  by the shaders, counted in their WGSL")}`,
    "",
    renderColumns([first, ...COLUMNS], rows.map(cells), width, paint),
    "",
    ...sentences(report).map((sentence) => fold(sentence, width)),
    ...(spec === undefined ? [] : [fold(leastTime(report, spec), width)]),
    ...problems(report).map((sentence) => paint.yellow(fold(sentence, width))),
    "",
  ].join("\n");
}

function rowsOf(report: ExecutedReport, by: Grouping, depth: number): Row[] {
  if (by === "kernel") {
    return report.byKernel.map((cost) => ({ name: cost.kernel, scope: "", cost, reasons: [] }));
  }
  // Those at the depth, and those above it with none inside.
  const scopes = report.byScope.filter(
    (row) =>
      row.depth === depth ||
      (row.depth < depth && !report.byScope.some(({ scope }) => scope.startsWith(`${row.scope}/`))),
  );
  if (by === "scope" && scopes.length > 0) {
    return scopes.map((cost) => ({ name: cost.scope, scope: "", cost, reasons: [] }));
  }
  return report.ops.map((op) => ({
    name: `%${op.id} ${op.kernel}`,
    scope: op.scope,
    cost: op,
    reasons: op.waste.map(({ reason }) => reason),
  }));
}

/** Operations that are executed beyond those that the formulas count. */
function beyond({ work, flops }: ExecutedCost): number {
  return floatOperations(work) + work.multiplyAdds + work.integers - Number(flops);
}

function cells({ name, scope, cost, reasons }: Row): Cells {
  const { work, products, macs, bytesRead, invocations, idleInvocations, divergences } = cost;
  const floats = floatOperations(work);
  return {
    name,
    scope,
    products: products === 0 ? "" : short(products),
    "per MAC": times(products, Number(macs)),
    integers: work.integers === 0 ? "" : short(work.integers),
    "per float": times(work.integers, floats),
    loaded: work.loadBytes === 0 ? "" : shortBytes(work.loadBytes),
    "× operands": times(work.loadBytes, Number(bytesRead)),
    stored: work.storeBytes === 0 ? "" : shortBytes(work.storeBytes),
    "no result": percent(idleInvocations, invocations),
    "part ways": divergences === 0 ? "" : short(divergences),
    ...(reasons.length === 0 ? {} : { formula: reasons.join("; ") }),
  };
}

function times(part: number, whole: number): string {
  return whole === 0 || part === 0 ? "" : (part / whole).toFixed(2);
}

function sentences({ total }: ExecutedReport): string[] {
  const { work, products, macs, bytesRead, bytesWritten, invocations, idleInvocations } = total;
  const { multiplyAdds, integers, loadBytes, storeBytes } = work;
  const floats = floatOperations(work);
  const lines = [
    `${counted(multiplyAdds, "multiply-add")} and ${counted(floats - multiplyAdds, "other floating-point operation")}${ratio(products, Number(macs), (n) => `; ${n} products for each MAC`)}`,
    `${counted(integers, "integer operation")}${ratio(integers, floats, (n) => `, ${n} for each floating-point one`)}`,
    `${shortBytes(loadBytes)} loaded${ratio(loadBytes, Number(bytesRead), (n) => `, ${n} times the operands`)}; ${shortBytes(storeBytes)} stored${ratio(storeBytes, Number(bytesWritten), (n) => `, ${n} times the results`)}`,
    `${counted(total.barriers, "wait")} at barriers, ${counted(total.divergences, "branch", "branches")} whose invocations part ways, ${percent(idleInvocations, invocations) || "0 %"} of ${counted(invocations, "invocation")} without a result`,
  ];
  return [...lines, ...bounds(total)];
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

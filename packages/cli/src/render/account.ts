import type { AccountPart, CostReport } from "@opcounter/counters";
import { counted, type PassPart, shortBytes } from "@opcounter/ir";
import { type Column, type Paint, renderColumns } from "./columns.ts";
import { fold } from "./lines.ts";
import { milliseconds, percent } from "./numbers.ts";

/** How many ops are listed. */
const MOST_OPS = 10;

const PART_COLUMNS: readonly Column[] = [
  { title: "part of a pass", align: "left", rank: 10 },
  { title: "time", align: "right", rank: 9 },
  { title: "share", align: "right", rank: 8 },
  { title: "what", align: "left", rank: 7 },
];

const OP_COLUMNS: readonly Column[] = [
  { title: "ops that take longest", align: "left", rank: 10 },
  { title: "scope", align: "left", rank: 6 },
  { title: "on host", align: "right", rank: 7 },
  { title: "wall time", align: "right", rank: 9 },
  { title: "share", align: "right", rank: 8 },
];

/** What each part is called, and either what it is or what its count is of. */
const PARTS: Readonly<Record<PassPart, { name: string; what?: string; counts?: string }>> = {
  gpu: { name: "GPU busy", what: "while the host waits for it" },
  hostKernels: { name: "kernels on the host" },
  dispatching: { name: "dispatching", counts: "dispatch" },
  pipelines: { name: "compiling pipelines", counts: "pipeline" },
  buffers: { name: "making buffers", counts: "buffer" },
  uploads: { name: "uploads", counts: "upload" },
  readbacks: { name: "readbacks", counts: "readback" },
  waiting: { name: "waiting", what: "for a GPU that runs nothing" },
  program: { name: "the program itself", what: "between ops" },
  unexplained: { name: "unexplained" },
};

/**
 * Where the wall time of a timed pass goes: what runs on the host, then the parts, the largest first,
 * then the ops that take the longest. Empty where no account was taken.
 *
 * @param listsOps whether ops are listed, because the table below does not.
 */
export function accountTables(
  report: CostReport,
  { listsOps, width, paint }: { listsOps: boolean; width: number; paint: Paint },
): string[] {
  const account = report.recorded?.times?.account;
  if (account == null) return [];
  const parts = namedParts(report).map(({ name, ms, note }) => {
    return { name, time: milliseconds(ms), share: percent(ms, account.wallMs), what: note };
  });
  const whole = { name: "a pass", time: milliseconds(account.wallMs) };
  const tables = [
    ...hostLine(report, account.wallMs).map((line) => fold(line, width)),
    renderColumns(PART_COLUMNS, [...parts, whole], width, paint),
  ];
  if (listsOps)
    tables.push(renderColumns(OP_COLUMNS, longest(report, account.wallMs), width, paint));
  return tables.map((table) => `${table}\n`);
}

/** The parts with their names, those that took no time left out. Empty without an account. */
export function namedParts(report: CostReport): { name: string; ms: number; note: string }[] {
  const parts = report.recorded?.times?.account?.parts ?? [];
  return parts
    .filter(({ part, ms, count }) => part === "unexplained" || ms > 0 || count !== null)
    .map((row) => ({
      name: PARTS[row.part].name,
      ms: row.ms,
      note: row.part === "hostKernels" ? hostKernels(report) : whatOf(row),
    }));
}

function whatOf({ part, count, bytes }: AccountPart): string {
  const { what = "", counts } = PARTS[part];
  if (count === null || counts === undefined) return what;
  const times = counted(count, counts, counts === "dispatch" ? "dispatches" : `${counts}s`);
  return bytes === null ? times : `${times}, ${shortBytes(bytes)}`;
}

/** What runs on the host, since that has a remedy that takes no change of the model. */
function hostLine(report: CostReport, wallMs: number): string[] {
  const onHost = report.recorded?.times?.account?.parts.find(({ part }) => part === "hostKernels");
  if (onHost === undefined || onHost.count === null) return [];
  const remedy =
    report.recorded?.flags["WEBGPU_CPU_FORWARD"] === false
      ? ""
      : " With --flag WEBGPU_CPU_FORWARD=false the GPU runs what it can of them.";
  return [
    `on the host: ${hostKernels(report)}, ${milliseconds(onHost.ms)}, ${percent(onHost.ms, wallMs)} of a pass.${remedy}`,
  ];
}

/** `Tile ×51`, of the ops that were counted. */
function hostKernels({ byKernel }: CostReport): string {
  return byKernel
    .filter(({ hostOps }) => hostOps > 0)
    .map(({ kernel, hostOps }) => `${kernel} ×${hostOps}`)
    .join(", ");
}

function longest({ ops }: CostReport, wallMs: number) {
  const timed = ops.filter(({ cost }) => cost.wallTimeMs !== null);
  const byTime = timed.sort((a, b) => (b.cost.wallTimeMs ?? 0) - (a.cost.wallTimeMs ?? 0));
  return byTime.slice(0, MOST_OPS).map(({ id, kernel, scope, placement, cost }) => ({
    name: `%${id} ${kernel}`,
    scope,
    "on host": placement === "cpu" ? "yes" : "",
    "wall time": milliseconds(cost.wallTimeMs),
    share: percent(cost.wallTimeMs, wallMs),
  }));
}

import type {
  CostReport,
  Integer,
  KernelRow,
  MemoryReport,
  OpRow,
  ScopeRow,
  WeightsReport,
} from "@opcounter/counters";
import { counted, formatType, grouped, shortBytes } from "@opcounter/ir";
import colors from "picocolors";
import { accountTables } from "./account.ts";
import { type Cells, type Column, type Paint, renderColumns } from "./columns.ts";
import { fold } from "./lines.ts";
import {
  leftLines,
  leftOutLines,
  uncountedLines,
  unusedLines,
  warningLines,
  withOps,
} from "./notes.ts";
import { bytesInFull, milliseconds, percent, short } from "./numbers.ts";
import { ownCells, ownColumns, ownFormulas, ownTotals, weightOf } from "./own-costs.ts";
import { timeLines } from "./times.ts";

export type Grouping = "scope" | "owner" | "kernel" | "op";

export interface TableOptions {
  readonly by: Grouping;
  /** Scopes that are deeper than this have no row of their own. */
  readonly depth: number;
  /** How many rows are shown: those that cost the most. Undefined shows all. */
  readonly top: number | undefined;
  /** The cost that rows are sorted by, the highest first; see `checkSort`. */
  readonly sort: string | undefined;
  /** The most characters in a line. */
  readonly width: number;
  readonly color: boolean;
  /** Whether each op's formula is shown with its numbers. */
  readonly verbose: boolean;
}

/** The report for people: a table of rows, then the totals in full digits. */
export function renderTable(report: CostReport, options: TableOptions): string {
  const { width } = options;
  const paint = colors.createColors(options.color);
  const { columns, rows, omitted } = body(report, options);
  const parts = [
    heading(report, width, paint),
    ...accountTables(report, { listsOps: options.by !== "op", width, paint }),
    renderColumns(columns, rows, width, paint),
    ...(omitted > 0 ? [paint.dim(`… ${counted(omitted, "more row")}`)] : []),
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

function body(report: CostReport, options: TableOptions) {
  const { figure, title } = figureOf(report);
  // Who times a pass asks what takes the time.
  const isTimed = report.totals.wallTimeMs !== null;
  const by = options.sort ?? (isTimed ? "wallTimeMs" : figure);
  const whole = report.totals[figure];
  const columns = (name: string): Column[] => [
    { title: name, align: "left", rank: 10 },
    options.by === "scope" || options.by === "owner"
      ? { title: "class", align: "left", rank: 3 }
      : { title: "scope", align: "left", rank: 8 },
    { title: "output", align: "left", rank: 2 },
    { title: "ops", align: "right", rank: 1 },
    { title: "params", align: "right", rank: 7 },
    { title, align: "right", rank: 9 },
    { title: "share", align: "right", rank: 8 },
    { title: "flops", align: "right", rank: 6 },
    { title: "bytes", align: "right", rank: 5 },
    { title: "activations", align: "right", rank: 0 },
    { title: "dispatches", align: "right", rank: 4 },
    { title: "on host", align: "right", rank: 5 },
    { title: "GPU time", align: "right", rank: 8 },
    { title: "wall time", align: "right", rank: 8 },
    ...ownColumns(report),
  ];
  const costCells = (row: OpRow["cost"]): Cells => ({
    [title]: short(row[figure]),
    share: percent(row[figure], whole),
    flops: figure === "flops" ? "" : short(row.flops),
    bytes: shortBytes(sum(row.bytesRead, row.bytesWritten)),
    activations: short(row.activations),
    dispatches: grouped(row.dispatches),
    "on host": row.hostOps === 0 ? "" : grouped(row.hostOps),
    "GPU time": row.gpuTimeMs === null ? "" : milliseconds(row.gpuTimeMs),
    "wall time": row.wallTimeMs === null ? "" : milliseconds(row.wallTimeMs),
    ...ownCells(report, row),
  });
  switch (options.by) {
    case "scope": {
      const visible = report.byScope.filter(({ depth }) => depth <= options.depth);
      const { kept, omitted } = take(visible, options, (row) => weightOf(row, by));
      const rows = kept.map((row) => ({
        name: isSorted(options) ? row.scope || NO_SCOPE : indented(row),
        class: row.className ?? "",
        output: row.outputs.map(formatType).join(" "),
        ops: grouped(row.ops),
        params: short(row.params),
        ...costCells(row),
      }));
      return { columns: columns("scope"), rows, omitted };
    }
    case "owner": {
      const { kept, omitted } = take(report.byOwner, options, (row) => weightOf(row, by));
      const rows = kept.map((row) => ({
        name: row.owner || NO_SCOPE,
        class: row.className ?? "",
        calls: grouped(row.calls),
        ops: grouped(row.ops),
        params: short(row.params),
        shared: row.sharedParams === 0 ? "" : short(row.sharedParams),
        ...costCells(row),
      }));
      return { columns: ownerColumns(columns("owner"), report), rows, omitted };
    }
    case "kernel": {
      // The report has its kernels sorted by the same figure already.
      const weight = by === figure ? undefined : (row: KernelRow) => weightOf(row, by);
      const { kept, omitted } = take(report.byKernel, options, weight);
      const rows = kept.map((row) => ({
        name: row.kernel,
        ops: grouped(row.ops),
        ...costCells({ ...row }),
      }));
      return { columns: without(columns("kernel"), ["scope", "output", "params"]), rows, omitted };
    }
    case "op": {
      const { kept, omitted } = take(report.ops, options, (row) => weightOf(row.cost, by));
      const rows = kept.map((row) => ({
        name: `%${row.id} ${row.kernel}`,
        scope: row.scope,
        output: row.outputs.map(formatType).join(" "),
        ...costCells(row.cost),
        "on host": row.placement === "cpu" ? "yes" : "",
        ...(options.verbose ? { formula: formulaOf(report, row) } : {}),
      }));
      return { columns: without(columns("op"), ["ops", "params"]), rows, omitted };
    }
  }
}

/** The figure the table is about: MACs, or FLOPs under a convention that counts those. */
function figureOf({ macs }: CostReport): { figure: "macs" | "flops"; title: string } {
  return macs === null ? { figure: "flops", title: "FLOPs" } : { figure: "macs", title: "MACs" };
}

function formulaOf(report: CostReport, { cost, formula }: OpRow): string {
  const { macs, flops, transcendentals, note } = formula;
  const given = [
    ...Object.entries({ macs, flops, transcendentals }).flatMap(([quantity, provenance]) =>
      provenance === undefined ? [] : [{ quantity, numbers: provenance.numbers }],
    ),
    ...ownFormulas(report, cost, formula),
  ];
  const kept = given
    .map(({ quantity, numbers }) => ({ quantity, numbers: withoutZeros(numbers) }))
    .filter(({ numbers }) => numbers !== "");
  const shown = kept.length === 0 ? given : kept;
  if (shown.length === 0) return note;
  return shown.map(({ quantity, numbers }) => `${quantity} = ${numbers}`).join("; ");
}

/** A sum in numbers, without the terms that have a factor 0. */
function withoutZeros(sum: string): string {
  const isZero = (term: string) =>
    outsideParentheses(term, " − ").length === 1 && outsideParentheses(term, "·").includes("0");
  return outsideParentheses(sum, " + ")
    .filter((term) => !isZero(term))
    .join(" + ");
}

/** Splits a formula at the separators that are outside parentheses. */
function outsideParentheses(formula: string, separator: string): string[] {
  const parts: string[] = [];
  for (const piece of formula.split(separator)) {
    const last = parts.at(-1);
    if (last === undefined || last.split("(").length === last.split(")").length) parts.push(piece);
    else parts.push(`${parts.pop()}${separator}${piece}`);
  }
  return parts;
}

/** The columns of owners: how often each is called, and weights of others where any are shared. */
function ownerColumns(columns: readonly Column[], { byOwner }: CostReport): Column[] {
  const isShared = byOwner.some(({ sharedParams }) => sharedParams !== 0);
  return without(columns, ["output"]).flatMap((column): Column[] => {
    if (column.title === "ops") return [{ title: "calls", align: "right", rank: 6 }, column];
    if (column.title !== "params" || !isShared) return [column];
    return [column, { title: "shared", align: "right", rank: 6 }];
  });
}

/** The columns without those named. */
function without(columns: readonly Column[], titles: readonly string[]): Column[] {
  return columns.filter(({ title }) => !titles.includes(title));
}

/** Whether rows are sorted by a cost, and not in order of execution. */
function isSorted({ top, sort }: TableOptions): boolean {
  return top !== undefined || sort !== undefined;
}

function take<T>(rows: readonly T[], options: TableOptions, weight?: (row: T) => number) {
  if (!isSorted(options)) return { kept: rows, omitted: 0 };
  const { top = rows.length } = options;
  const sorted = weight === undefined ? rows : [...rows].sort((a, b) => weight(b) - weight(a));
  return { kept: sorted.slice(0, top), omitted: Math.max(0, rows.length - top) };
}

const NO_SCOPE = "(no scope)";

function indented({ scope, depth }: ScopeRow): string {
  if (scope === "") return NO_SCOPE;
  return `${"  ".repeat(depth - 1)}${scope.slice(scope.lastIndexOf("/") + 1)}`;
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
      const plain = `${name.padEnd(NAME_WIDTH)}${value.padStart(longest)}  ${what}`;
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

function sum(a: Integer, b: Integer): Integer {
  return typeof a === "number" && typeof b === "number" ? a + b : BigInt(a) + BigInt(b);
}

import type { CostReport, Integer } from "@opcounter/counters";
import { counted, formatType, grouped } from "@opcounter/ir";
import { accountTables } from "./account.ts";
import { type Paint, renderColumns } from "./columns.ts";
import { fold, type Style } from "./lines.ts";
import {
  leftLines,
  leftOutLines,
  refusalLine,
  uncountedLines,
  unusedLines,
  warningLines,
  withOps,
} from "./notes.ts";
import type { Found } from "./output-format.ts";
import { isOfProgram, programFacts } from "./program-report.ts";
import { type RowTableOptions, rowTable } from "./row-table.ts";
import { shorten } from "./shorten.ts";
import { timeLines } from "./times.ts";
import { totalsOf } from "./totals.ts";

export interface TableOptions extends RowTableOptions, Style {}

/** The report for people: a table of rows, then the totals in full digits. */
export function renderTable(
  report: CostReport,
  found: Pick<Found, "graph">,
  options: TableOptions,
): string {
  const { paint } = options;
  const { columns, rows, leftOut } = rowTable(report, found, options.bars, options);
  const listsOps = options.by !== "op";
  const table = [
    ...accountTables(report, { listsOps, width: options.width, paint }),
    renderColumns(columns, rows, options.width, paint),
    ...(leftOut === undefined ? [] : [paint.dim(fold(leftOut, options.width))]),
  ];
  return renderReport(report, table.join("\n"), options);
}

/** What a report is of, a table, then the totals in full digits and the notes. */
export function renderReport(report: CostReport, table: string, { width, paint }: Style): string {
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
  const { model } = report;
  const line = fold(`${model}  ${factsOf(report).join("  ·  ")}`, width);
  return `${paint.bold(line.slice(0, model.length))}${paint.dim(line.slice(model.length))}\n`;
}

/** What was counted, where, and by whose rules. */
export function factsOf(report: CostReport): string[] {
  const inputs = report.inputs.map((input) => `${input.name}: ${formatType(input)}`).join(", ");
  const own = report.rules.some(({ times }) => times > 0) ? " and rules of your own" : "";
  const passes = report.passes === null ? "" : `after ${report.passes}`;
  const by = `convention ${report.convention}${own}`;
  const flags = Object.entries(report.recorded?.flags ?? {}).map((flag) => flag.join("="));
  const facts = isOfProgram(report)
    ? programFacts(report)
    : [inputs, `device ${report.device}`, ...flags];
  return [...facts, by, passes].filter((fact) => fact !== "");
}

const NAME_WIDTH = 16;

function summary(report: CostReport, width: number, paint: Paint): string {
  const lines = totalsOf(report);
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
  const { told, alarms } = notesOf(report);
  const lines = [
    ...told.map((line) => fold(line, width)),
    ...alarms.map((line) => paint.yellow(fold(line, width))),
  ];
  return lines.length === 0 ? [] : ["", ...lines];
}

/** What the reader should know besides, and what may make the figures wrong or the model fail. */
export function notesOf(report: CostReport): { told: string[]; alarms: string[] } {
  const { uncounted, warnings, recorded } = report;
  const told = [
    ...leftOutLines(report),
    ...unusedLines(report),
    ...leftLines(report),
    ...warningLines(warnings),
  ];
  const alarms = [...(recorded?.refusals ?? []).map(refusalLine), ...uncountedLines(uncounted)];
  return { told, alarms };
}

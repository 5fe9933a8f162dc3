import { type CheckResult, type LimitResult, reportToJson } from "@opcounter/counters";
import { counted, grouped } from "@opcounter/ir";
import { tableInCsv } from "./csv.ts";
import { type DataTable, tableForTerminal } from "./data-table.ts";
import { tableInLatex } from "./latex.ts";
import { fold, type Style } from "./lines.ts";
import { markdownText, tableInMarkdown } from "./markdown.ts";
import { refusalLine, uncountedLines } from "./notes.ts";
import { inUnit, percentMore, titleOfQuantity } from "./numbers.ts";
import { withVisibleTexts } from "./visible.ts";

/** The formats of `check`. */
export const CHECK_FORMATS = {
  table: forTerminal,
  md: inMarkdown,
  csv: (results) => tableInCsv(tableOf(results)),
  latex: (results) => tableInLatex(tableOf(results)),
  json: (results) => reportToJson({ schemaVersion: 1, passed: allPassed(results), results }),
} satisfies Readonly<Record<string, (results: readonly CheckResult[], style: Style) => string>>;
export type CheckFormatName = keyof typeof CHECK_FORMATS;

export function allPassed(results: readonly CheckResult[]): boolean {
  return results.every(({ passed }) => passed);
}

function forTerminal(found: readonly CheckResult[], { width, paint }: Style): string {
  const results = withVisibleTexts(found);
  const verdict = allPassed(results) ? paint.green : paint.red;
  const table = tableOf(results);
  return [
    ...(table.rows.length === 0 ? [] : [tableForTerminal(table, width, paint)]),
    ...results.flatMap(notesOf).map((line) => fold(line, width)),
    verdict(fold(verdictOf(results), width)),
  ].join("\n\n");
}

function inMarkdown(results: readonly CheckResult[]): string {
  const mark = allPassed(results) ? "✅" : "❌";
  const table = tableOf(results);
  return [
    `### ${mark} ${verdictOf(results)}`,
    ...(table.rows.length === 0 ? [] : [tableInMarkdown(table)]),
    ...results.flatMap(notesOf).map(markdownText),
  ].join("\n\n");
}

/** `2 of 5 limits are exceeded.` */
function verdictOf(results: readonly CheckResult[]): string {
  const limits = results.flatMap((result) => result.limits);
  const exceeded = limits.filter(({ exceededBy }) => exceededBy !== null).length;
  if (limits.length === 0 && allPassed(results)) return "Nothing is refused, nothing uncounted.";
  if (allPassed(results))
    return `Within budget: ${counted(limits.length, "limit is", "limits are")} kept.`;
  if (exceeded === 0) {
    const kept = limits.length === 0 ? "" : "every limit is kept, but ";
    return `Over budget: ${kept}${strictFindings(results).join(", and ")}.`;
  }
  const are = exceeded === 1 ? "is" : "are";
  return `Over budget: ${grouped(exceeded)} of ${counted(limits.length, "limit")} ${are} exceeded.`;
}

/** What `--strict` fails on. */
function strictFindings(results: readonly CheckResult[]): string[] {
  const isSome = (of: (result: CheckResult) => readonly unknown[]) =>
    results.some((result) => of(result).length > 0);
  return [
    ...(isSome(({ refusals }) => refusals) ? ["not all of the model runs"] : []),
    ...(isSome(({ uncounted }) => uncounted) ? ["not every kernel is counted"] : []),
  ];
}

interface Row extends LimitResult {
  readonly model: string;
}

/** Limits that are exceeded, then those of whole models that are kept, unless by a baseline. */
function tableOf(results: readonly CheckResult[]): DataTable<Row> {
  const all = results.flatMap(({ model, limits }) => limits.map((limit) => ({ model, ...limit })));
  const exceeded = all.filter(({ exceededBy }) => exceededBy !== null);
  const kept = all.filter(
    ({ exceededBy, from, scope }) => exceededBy === null && from === "max" && scope === null,
  );
  return {
    columns: [
      { title: "model", align: "left", rank: 10, value: ({ model }) => model },
      {
        ...{ title: "scope", align: "left", rank: 8.5, value: ({ scope }) => scope },
        text: ({ scope }) => scope ?? "",
      },
      {
        ...{ title: "quantity", align: "left", rank: 9, value: ({ quantity }) => quantity },
        text: ({ quantity }) => titleOfQuantity(quantity),
      },
      {
        ...{ title: "value", align: "right", rank: 7, value: ({ value }) => value },
        text: ({ value, unit }) => inUnit(value, unit),
      },
      {
        ...{ title: "limit", align: "right", rank: 6, value: ({ limit }) => limit },
        text: ({ limit, unit }) => inUnit(limit, unit),
      },
      {
        ...{ title: "exceeded by", align: "right", rank: 8, value: (row) => row.exceededBy },
        text: ({ exceededBy, unit }) => (exceededBy === null ? "" : inUnit(exceededBy, unit)),
      },
      {
        ...{ title: "percent", align: "right", rank: 4, value: ({ percent }) => percent },
        text: ({ percent }) => percentMore(percent),
      },
    ],
    rows: [...exceeded, ...kept],
  };
}

/** What has no row: limits of scopes and of a baseline that are kept, and what --strict finds. */
function notesOf({ model, limits, refusals, uncounted }: CheckResult): string[] {
  const kept = (all: readonly LimitResult[], what: string) => {
    const within = all.filter(({ exceededBy }) => exceededBy === null).length;
    return all.length === 0 ? [] : [`${model}: ${within} of ${grouped(all.length)} ${what}.`];
  };
  return [
    ...kept(
      limits.filter(({ scope }) => scope !== null),
      "limits of scopes are kept",
    ),
    ...kept(
      limits.filter(({ from }) => from === "baseline"),
      "quantities are within the baseline",
    ),
    ...refusals.map((refusal) => `${model}: ${refusalLine(refusal)}`),
    ...uncountedLines(uncounted).map((line) => `${model}: ${line}`),
  ];
}

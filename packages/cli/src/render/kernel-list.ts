import {
  FORMULAS,
  formatExpression,
  reportToJson,
  SYMBOL_MEANINGS,
  symbolsIn,
} from "@opcounter/counters";
import { KERNEL_NAMES } from "@opcounter/ir";
import stringWidth from "fast-string-width";
import { type Column, renderColumns } from "./columns.ts";
import { tableInCsv } from "./csv.ts";
import type { DataTable } from "./data-table.ts";
import { tableInLatex } from "./latex.ts";
import { fold, type Style } from "./lines.ts";

/** One kernel with the formula that counts it. */
interface KernelRow {
  readonly kernel: string;
  readonly status: "formula" | "zero" | "bound";
  readonly macs: string;
  readonly flops: string;
  readonly transcendentals: string;
  readonly source: string;
  /** What the names in the formula stand for. */
  readonly symbols: Readonly<Record<string, string>>;
}

function kernelRows(): KernelRow[] {
  return [...KERNEL_NAMES].sort().flatMap((kernel) => {
    const formula = FORMULAS.get(kernel);
    if (formula === undefined) return [];
    const { macs, flops, transcendentals } = formula.expressions;
    const text = (expression: typeof macs) =>
      expression === undefined ? "0" : formatExpression(expression);
    return [
      {
        kernel,
        status: formula.status,
        macs: text(macs),
        flops: text(flops),
        transcendentals: text(transcendentals),
        source: formula.source,
        symbols: meanings(
          new Set(Object.values(formula.expressions).flatMap((text) => [...symbolsIn(text)])),
        ),
      },
    ];
  });
}

/** The meanings of these symbols, each once, in the order of the legend. */
function meanings(used: ReadonlySet<string>): Record<string, string> {
  return Object.fromEntries(Object.entries(SYMBOL_MEANINGS).filter(([name]) => used.has(name)));
}

const COLUMNS = ["kernel", "status", "macs", "flops", "transcendentals", "source"] as const;

/** The output formats of `opcounter ops`. To add one, add a line. */
export const KERNEL_LIST_FORMATS = {
  table: (style) => asTable(kernelRows(), style),
  json: () => reportToJson(kernelRows()),
  md: () => asMarkdown(kernelRows()),
  csv: () => tableInCsv(kernelsTable(kernelRows())),
  latex: () => tableInLatex(kernelsTable(kernelRows())),
} satisfies Readonly<Record<string, (style: Style) => string>>;

function kernelsTable(rows: readonly KernelRow[]): DataTable<KernelRow> {
  return {
    columns: COLUMNS.map((title) => {
      return { title, align: "left", rank: 0, value: (row: KernelRow) => row[title] };
    }),
    rows,
  };
}

function asMarkdown(rows: readonly KernelRow[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  const header = [line(COLUMNS), line(COLUMNS.map(() => "---"))];
  const legend = Object.entries(SYMBOL_MEANINGS).map(([name, meaning]) => line([name, meaning]));
  return [
    ...header,
    ...rows.map((row) => line(COLUMNS.map((name) => row[name]))),
    "",
    ...[line(["symbol", "stands for"]), line(["---", "---"]), ...legend],
  ].join("\n");
}

const FORMULAS_OF = ["macs", "flops", "transcendentals"] as const;

/** Where the formulas do not fit beside a kernel, they are below it. */
function asTable(rows: readonly KernelRow[], { width, paint }: Style): string {
  const columns = COLUMNS.map((title): Column => ({ title, align: "left", rank: 1 }));
  const cells = rows.map(({ symbols: _, ...row }) => ({ ...row, name: row.kernel }));
  const beside = renderColumns(columns, cells, Number.POSITIVE_INFINITY, paint);
  const legend = Object.entries(SYMBOL_MEANINGS);
  const longest = Math.max(...legend.map(([name]) => name.length));
  const counts = ["formula", "zero", "bound"].map(
    (status) => `${rows.filter((row) => row.status === status).length} ${status}`,
  );
  const isNarrow = beside.split("\n").some((line) => stringWidth(line) > width);
  return [
    isNarrow ? below(rows, width) : beside,
    "",
    ...legend.map(([name, meaning]) =>
      fold(`${name.padEnd(longest)}  ${meaning}`, width, longest + 2),
    ),
    "",
    `${rows.length} kernels: ${counts.join(", ")}`,
  ].join("\n");
}

function below(rows: readonly KernelRow[], width: number): string {
  const lines = rows.flatMap((row) => {
    const formulas = FORMULAS_OF.filter((name) => row[name] !== "0");
    return [
      fold(`${row.kernel}  ${row.status}  ${row.source}`, width, 4),
      ...formulas.map((name) => fold(`  ${name} = ${row[name]}`, width, 6)),
    ];
  });
  return lines.join("\n");
}

import {
  FORMULAS,
  formatExpression,
  reportToJson,
  SYMBOL_MEANINGS,
  symbolsIn,
} from "@opcounter/counters";
import { KERNEL_NAMES } from "@opcounter/ir";

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
  table: () => asTable(kernelRows()),
  json: () => reportToJson(kernelRows()),
  md: () => asMarkdown(kernelRows()),
} satisfies Readonly<Record<string, () => string>>;

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

function asTable(rows: readonly KernelRow[]): string {
  const widths = COLUMNS.map((name) =>
    Math.max(name.length, ...rows.map((row) => row[name].length)),
  );
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, i) => cell.padEnd(widths[i] ?? 0))
      .join("  ")
      .trimEnd();
  const legend = Object.entries(SYMBOL_MEANINGS);
  const longest = Math.max(...legend.map(([name]) => name.length));
  const counts = ["formula", "zero", "bound"].map(
    (status) => `${rows.filter((row) => row.status === status).length} ${status}`,
  );
  return [
    line(COLUMNS),
    ...rows.map((row) => line(COLUMNS.map((name) => row[name]))),
    "",
    ...legend.map(([name, meaning]) => `${name.padEnd(longest)}  ${meaning}`),
    "",
    `${rows.length} kernels: ${counts.join(", ")}`,
  ].join("\n");
}

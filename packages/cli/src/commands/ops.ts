import {
  FORMULAS,
  formatExpression,
  reportToJson,
  SYMBOL_MEANINGS,
  symbolsIn,
} from "@opcounter/counters";
import { KERNEL_NAMES } from "@opcounter/ir";
import { type Command, Option } from "commander";
import { writeResult } from "./program.ts";

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

type Format = "table" | "json" | "md";

/** Adds `opcounter ops`. */
export function addOpsCommand(program: Command): void {
  program
    .command("ops")
    .description("List every kernel with the formula that counts it")
    .addOption(
      new Option("-f, --format <format>", "what to print")
        .choices(["table", "json", "md"])
        .default("table"),
    )
    .option("-o, --output <file>", "write the result to a file")
    .exitOverride()
    .action(({ format, output }: { format: Format; output?: string }) => {
      writeResult(render(kernelRows(), format), output);
    });
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

function render(rows: readonly KernelRow[], format: Format): string {
  if (format === "json") return reportToJson(rows);
  const columns = ["kernel", "status", "macs", "flops", "transcendentals", "source"] as const;
  if (format === "md") {
    const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
    const header = [line(columns), line(columns.map(() => "---"))];
    const legend = Object.entries(SYMBOL_MEANINGS).map(([name, meaning]) => line([name, meaning]));
    return [
      ...header,
      ...rows.map((row) => line(columns.map((name) => row[name]))),
      "",
      ...[line(["symbol", "stands for"]), line(["---", "---"]), ...legend],
    ].join("\n");
  }
  const widths = columns.map((name) =>
    Math.max(name.length, ...rows.map((row) => row[name].length)),
  );
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, i) => cell.padEnd(widths[i] ?? 0))
      .join("  ")
      .trimEnd();
  const counts = ["formula", "zero", "bound"].map(
    (status) => `${rows.filter((row) => row.status === status).length} ${status}`,
  );
  return [
    line(columns),
    ...rows.map((row) => line(columns.map((name) => row[name]))),
    "",
    ...Object.entries(SYMBOL_MEANINGS).map(([name, meaning]) => `${name.padEnd(7)}  ${meaning}`),
    "",
    `${rows.length} kernels: ${counts.join(", ")}`,
  ].join("\n");
}

import Table from "cli-table3";
import type colors from "picocolors";
import { BORDERLESS } from "./borderless.ts";
import { fold } from "./lines.ts";

export type Paint = ReturnType<typeof colors.createColors>;

/** A column of a table. It is left out if the line has no room for it. */
export interface Column {
  readonly title: string;
  readonly align: "left" | "right";
  /** On a narrow terminal the columns of the lowest rank are left out first. */
  readonly rank: number;
}

/** A row's strings by column title. */
export type Cells = Readonly<Record<string, string>>;

const NAME_COLUMN_MINIMUM = 16;
const GAP = 2;

/**
 * A table without borders. It has the columns that fit and are not empty. The cells of the first
 * column are those named `name`. A cell named `formula` is printed below its row.
 */
export function renderColumns(
  columns: readonly Column[],
  rows: readonly Cells[],
  width: number,
  paint: Paint,
): string {
  const cell = (row: Cells, column: Column, i: number) =>
    (i === 0 ? row["name"] : row[column.title]) ?? "";
  const filled = columns.filter(
    (column, i) => i === 0 || rows.some((row) => cell(row, column, i) !== ""),
  );
  const isFirst = (column: Column) => column === columns[0];
  const textOf = (row: Cells, column: Column) => cell(row, column, isFirst(column) ? 0 : 1);
  const widthOf = (column: Column) =>
    Math.max(column.title.length, ...rows.map((row) => textOf(row, column).length));
  const { kept, widths } = fit(filled, widthOf, width);
  const grid = new Table({
    chars: BORDERLESS,
    style: { "padding-left": 0, "padding-right": GAP, head: [], border: [], compact: true },
    colWidths: widths.map((columnWidth) => columnWidth + GAP),
    colAligns: kept.map(({ align }) => align),
  });
  grid.push(kept.map(({ title }) => paint.dim(title)));
  for (const row of rows) {
    grid.push(kept.map((column, i) => shorten(textOf(row, column), widths[i] ?? 0)));
  }
  const [header = "", ...lines] = grid.toString().split("\n");
  // A formula has a line of its own below its op.
  const withFormulas = lines.flatMap((line, i) => {
    const formula = rows[i]?.["formula"];
    return formula === undefined ? [line] : [line, paint.dim(fold(`    ${formula}`, width, 6))];
  });
  return [header, ...withFormulas].map((line) => line.trimEnd()).join("\n");
}

/** Drops the columns of the lowest rank, then shortens the first column, until a line fits. */
function fit(
  columns: readonly Column[],
  widthOf: (column: Column) => number,
  available: number,
): { kept: readonly Column[]; widths: number[] } {
  let kept = [...columns];
  for (;;) {
    const widths = kept.map(widthOf);
    const excess =
      widths.reduce((total, columnWidth) => total + columnWidth + GAP, -GAP) - available;
    const first = widths[0] ?? 0;
    if (excess <= 0) return { kept, widths };
    if (first - excess >= NAME_COLUMN_MINIMUM || kept.length <= 2) {
      widths[0] = Math.max(first - excess, NAME_COLUMN_MINIMUM);
      return { kept, widths };
    }
    const lowest = Math.min(...kept.map(({ rank }) => rank));
    // One at a time: of several of that rank, the last goes first.
    const last = kept.findLastIndex(({ rank }) => rank === lowest);
    kept = kept.filter((_, place) => place !== last);
  }
}

/** A text with its middle left out, since names differ most at their ends. */
function shorten(text: string, width: number): string {
  if (text.length <= width) return text;
  const head = Math.ceil((width - 1) / 3);
  return `${text.slice(0, head)}…${text.slice(text.length - (width - 1 - head))}`;
}

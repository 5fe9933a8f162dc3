import type { Integer } from "@opcounter/counters";
import { type Column, type Paint, renderColumns } from "./columns.ts";

/** What a cell holds. Null where there is none. */
export type CellValue = string | Integer | null;

/** A column of a table that every format can print. */
export interface DataColumn<R> extends Column {
  /** For programs. */
  readonly value: (row: R) => CellValue;
  /** The title that says the value's unit, where it is not that of the text. */
  readonly valueTitle?: string;
  /** For people; the value itself if this is left out. */
  readonly text?: (row: R) => string;
}

/** Columns, and rows of anything that they can read. */
export interface DataTable<R> {
  readonly columns: readonly DataColumn<R>[];
  readonly rows: readonly R[];
  /** What a terminal prints below a row, such as a formula. */
  readonly below?: (row: R) => string | undefined;
}

/** A cell for people. */
export function textOf<R>({ value, text }: DataColumn<R>, row: R): string {
  return text === undefined ? String(value(row) ?? "") : text(row);
}

/** The table for a terminal: without the columns that are empty or find no room. */
export function tableForTerminal<R>(
  { columns, rows, below }: DataTable<R>,
  width: number,
  paint: Paint,
): string {
  const cells = rows.map((row) => {
    const formula = below?.(row);
    return Object.fromEntries([
      ...columns.map((column, i) => [i === 0 ? "name" : column.title, textOf(column, row)]),
      ...(formula === undefined ? [] : [["formula", formula]]),
    ]);
  });
  return renderColumns(columns, cells, width, paint);
}

/** The titles and the cells for people, in the columns that are not empty. */
export function textsOf<R>({ columns, rows }: DataTable<R>) {
  const texts = columns.map((column) => rows.map((row) => textOf(column, row)));
  const kept = columns.flatMap((column, i) => {
    const cells = texts[i] ?? [];
    return i === 0 || cells.some((cell) => cell !== "") ? [{ column, cells }] : [];
  });
  return {
    columns: kept.map(({ column: { title, align } }) => ({ title, align })),
    rows: rows.map((_, row) => kept.map(({ cells }) => cells[row] ?? "")),
  };
}

import { stringify } from "csv-stringify/sync";
import type { CellValue, DataTable } from "./data-table.ts";
import { visible } from "./visible.ts";

/** A table as CSV (RFC 4180): every digit of numbers, and nothing where there is none. */
export function tableInCsv<R>({ columns, rows }: DataTable<R>): string {
  const titles = columns.map(({ title, valueTitle = title }) => harmless(valueTitle));
  return stringify([
    titles,
    ...rows.map((row) => columns.map(({ value }) => harmless(value(row)))),
  ]);
}

/** The marks, and the same in full width, U+FF1D and others. */
const FORMULA = /^[=+\-@\uff1d\uff0b\uff0d\uff20]/;

/**
 * A name that a spreadsheet would run as a formula has a `'` before it. Source: OWASP, "CSV
 * Injection".
 */
function harmless(cell: CellValue): CellValue {
  if (typeof cell !== "string") return cell;
  const text = visible(cell);
  return FORMULA.test(text) ? `'${text}` : text;
}

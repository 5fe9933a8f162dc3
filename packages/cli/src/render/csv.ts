import papa from "papaparse";
import type { DataTable } from "./data-table.ts";
import { visible } from "./visible.ts";

/**
 * A table as CSV (RFC 4180): every digit of numbers, and nothing where there is none. A name that a
 * spreadsheet would run as a formula has a `'` before it. Source: OWASP, "CSV Injection".
 */
export function tableInCsv<R>({ columns, rows }: DataTable<R>): string {
  const cells = rows.map((row) =>
    columns.map(({ value }) => {
      const cell = value(row);
      if (typeof cell === "string") return visible(cell);
      // A bigint as a text, which begins with a digit.
      return typeof cell === "bigint" ? String(cell) : cell;
    }),
  );
  const titles = columns.map(({ title }) => visible(title));
  return papa.unparse([titles, ...cells], { escapeFormulae: true, newline: "\n" });
}

import { tableInCsv } from "./csv.ts";
import { modelsTable } from "./model-table.ts";
import type { OutputFormat } from "./output-format.ts";
import { rowsOf } from "./rows.ts";

/** The table's rows with every digit, for spreadsheets. */
export const csvFormat: OutputFormat = {
  report: ({ report, rows }) => tableInCsv(rowsOf(report, rows).table),
  models: (reports) => tableInCsv(modelsTable(reports)),
};

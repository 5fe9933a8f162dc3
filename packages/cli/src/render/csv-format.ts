import { tableInCsv } from "./csv.ts";
import { modelsTable } from "./model-table.ts";
import type { OutputFormat } from "./output-format.ts";
import { rowTable } from "./row-table.ts";

/** The table's rows with every digit, for spreadsheets. */
export const csvFormat: OutputFormat = {
  report: (found) => tableInCsv(rowTable(found.report, found, "none", found.rows).data),
  models: (reports) => tableInCsv(modelsTable(reports)),
};

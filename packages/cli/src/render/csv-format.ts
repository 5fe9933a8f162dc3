import { tableInCsv } from "./csv.ts";
import { modelsTable } from "./model-table.ts";
import type { OutputFormat } from "./output-format.ts";
import { rooflineTable } from "./roofline.ts";
import { rowTable } from "./row-table.ts";

/** The table's rows with every digit, for spreadsheets; with a roofline its rows. */
export const csvFormat: OutputFormat = {
  takes: ["by", "depth", "top", "sort", "columns", "roofline"],
  report: (found) =>
    found.roofline === undefined
      ? tableInCsv(rowTable(found.report, found, "none", found.rows).data)
      : tableInCsv(rooflineTable(found, found.roofline)),
  models: (reports) => tableInCsv(modelsTable(reports)),
};

import { tableInCsv } from "./csv.ts";
import { checkOneTable, executedAmounts } from "./executed-table.ts";
import { modelsTable } from "./model-table.ts";
import type { OutputFormat } from "./output-format.ts";
import { rooflineTable } from "./roofline.ts";
import { rowTable } from "./row-table.ts";

/** The table's rows with every digit, for spreadsheets; with a roofline or executed work the rows of that. */
export const csvFormat: OutputFormat = {
  takes: ["by", "depth", "top", "sort", "columns", "executed", "roofline"],
  report: (found) => {
    const { executed, roofline, rows } = found;
    if (executed !== undefined) {
      checkOneTable("csv", found);
      return tableInCsv(executedAmounts(executed, rows));
    }
    return roofline === undefined
      ? tableInCsv(rowTable(found.report, found, "none", rows).data)
      : tableInCsv(rooflineTable(found, roofline));
  },
  models: (reports) => tableInCsv(modelsTable(reports)),
};

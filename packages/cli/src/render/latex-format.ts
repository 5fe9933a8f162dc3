import { checkOneTable, executedTableWithCauses } from "./executed-table.ts";
import { tableInLatex } from "./latex.ts";
import { modelsTable } from "./model-table.ts";
import type { OutputFormat } from "./output-format.ts";
import { rooflineTable } from "./roofline.ts";
import { rowTable } from "./row-table.ts";

/** The table for a paper; with a roofline or executed work the rows of that. */
export const latexFormat: OutputFormat = {
  takes: ["by", "depth", "top", "sort", "columns", "units", "executed", "roofline"],
  report: (found) => {
    const { executed, roofline, rows } = found;
    if (executed !== undefined) {
      checkOneTable("latex", found);
      return tableInLatex(executedTableWithCauses(executed, rows));
    }
    return roofline === undefined
      ? tableInLatex(rowTable(found.report, found, "none", rows).data)
      : tableInLatex(rooflineTable(found, roofline));
  },
  models: (reports) => tableInLatex(modelsTable(reports)),
};
